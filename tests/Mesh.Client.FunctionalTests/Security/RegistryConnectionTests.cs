using System.Collections.Concurrent;
using System.Text;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>T27: the connection to the registry is checked, and its credentials are seen by nobody else.</summary>
public sealed class RegistryConnectionTests
{
    private const string Secret = "s3cr3t-canary";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("works")]
    [InlineData("refuses")]
    [InlineData("nonsense")]
    [InlineData("dead")]
    public async Task Registry_credentials_in_the_address_go_into_the_header_and_nowhere_else(string registry)
    {
        var seen = new ConcurrentQueue<(string Target, string? Authorization)>();
        await using var server = await TestServer.StartAsync(context =>
        {
            seen.Enqueue(
                (context.Request.Host + context.Request.Path + context.Request.QueryString, context.Request.Headers.Authorization));
            context.Response.StatusCode = registry == "refuses" ? 401 : 200;
            return context.Response.WriteAsync(registry == "works" ? """{"applications":{"apps__hashcode":"","application":[]}}""" : "no");
        });
        using var dead = new DeadEndpoint();
        var address = registry == "dead" ? dead.Name : $"127.0.0.1:{server.Address.Port}";
        await using var application = new MeshApplication(
            Settings.Registry($"http://joe:{Secret}%40@{address}/eureka/").With("Defaults:Timeout", "00:00:01"),
            services => services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace)));

        var exception = await Assert.ThrowsAnyAsync<Exception>(() => application.Client().GetAsync(new Uri("mesh://orders/"), Token));
        if (registry != "dead")
        {
            await Patience.UntilAsync(() => seen.Count > 2, "the registry was asked");
        }

        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes($"joe:{Secret}@"));
        Assert.All(seen, request =>
        {
            Assert.Equal("Basic " + encoded, request.Authorization);
            Assert.DoesNotContain("joe", request.Target, StringComparison.Ordinal);
        });
        var said = application.Logs.GetSnapshot().Select(Text).Append(exception.ToString()).ToArray();
        Assert.True(registry == "works" || said.Any(text => text.Contains(address, StringComparison.Ordinal)));
        Assert.All(
            said,
            text => Assert.False(text.Contains(Secret, StringComparison.Ordinal) || text.Contains(encoded, StringComparison.Ordinal),
                text));
    }

    [Theory]
    [InlineData("127.0.0.1", false, "If it is from an authority of your own, name its root in Mesh:Discovery:Eureka:CaFile.")]
    [InlineData("127.0.0.1", true, null)]
    [InlineData("other.example", true, "is for other.example, and not for the name in its address (RemoteCertificateNameMismatch).")]
    public async Task Registry_certificate_is_checked_always_and_against_the_file_of_authorities_where_there_is_one(
        string certificate, bool withFile, string? reason)
    {
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".pem");
        await File.WriteAllTextAsync(file, Certificates.Root.ExportCertificatePem(), Token);
        try
        {
            await using var orders = await TestServer.StartAsync("here");
            await using var server = await TestServer.StartAsync(
                context => context.Response.WriteAsync(
                    $$$"""{"applications":{"apps__hashcode":"UP_1_","application":[{"name":"ORDERS","instance":[{"instanceId":"a","hostName":"127.0.0.1","status":"UP","port":{"$":{{{orders.Address.Port}}},"@enabled":"true"}}]}]}}"""),
                listen => listen.UseHttps(Certificates.ForServer(certificate)));
            var settings = Settings.Registry(
                $"https://joe:{Secret}@127.0.0.1:{server.Address.Port}/eureka/").With("Defaults:Timeout", "00:00:10");
            await using var application = new MeshApplication(withFile ? settings.With("Discovery:Eureka:CaFile", file) : settings);

            if (reason is null)
            {
                Assert.Equal("here", await application.Client().GetStringAsync(new Uri("http://orders/"), Token));
            }
            else
            {
                _ = application.Client().GetAsync(new Uri("http://orders/"), Token);
                await Patience.UntilAsync(() => application.Count(2100) > 0, "the registry is refused");
                Assert.Equal(0, server.Requests);

                // Why, and what to change: the runtime alone says only that a callback has refused.
                var said = application.Logs.GetSnapshot().First(static record => record.Id.Id == 2100).Message;
                Assert.Contains(reason, said, StringComparison.Ordinal);
                Assert.DoesNotContain("RemoteCertificateValidationCallback", said, StringComparison.Ordinal);
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string Text(FakeLogRecord record) =>
        $"{record.Message} {record.Exception} {string.Join(' ', record.StructuredState?.Select(pair => pair.Value) ?? [])}";
}
