using System.Net;
using System.Net.Security;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>T23: an instance that somebody else registers under a real name.</summary>
public sealed class FakeInstanceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("https")]
    [InlineData("http")]
    public async Task Fake_instance_with_a_valid_certificate_for_another_service_gets_no_request(string scheme)
    {
        await using var real = await StartAsync("real", "payments.internal");
        await using var fake = await StartAsync("fake", "localhost");
        using var plain = new SocketRecorder(IPAddress.Loopback);

        // What the registry says of the impostor fits together: its host name is the one in its certificate.
        await using var registry = await ScriptedRegistry.StartAsync(
            ScriptedRegistry.Instance("a", "localhost", port: 0, real.Address.Port),
            ScriptedRegistry.Instance("b", "localhost", port: 0, fake.Address.Port),
            ScriptedRegistry.Instance("c", "localhost", plain.Port));
        await using var application = Application(Settings.Registry(registry.Url)
            .With("Services:orders:TlsName", "payments.internal")
            .With("Services:orders:LoadBalancing:Policy", "RoundRobin"));
        var client = application.Client("trusting");

        for (var i = 0; i < 30; i++)
        {
            Assert.Equal("real", await client.GetStringAsync(new Uri($"{scheme}://orders/"), Token));
        }

        Assert.Equal(0, fake.Requests);
        Assert.Equal(0, plain.Accepted);
        // Not only avoided: left out.
        Assert.Contains(
            application.Logs.GetSnapshot(),
            r => r.Id.Name == "EndpointEjected" && r.Message.Contains($":{fake.Address.Port}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Fake_instance_without_the_setting_is_known_by_the_name_that_the_registry_gives()
    {
        await using var fake = await StartAsync("fake", "localhost");
        await using var registry = await ScriptedRegistry.StartAsync(
            ScriptedRegistry.Instance("b", "localhost", port: 0, fake.Address.Port));
        await using var application = Application(Settings.Registry(registry.Url));

        Assert.Equal("fake", await application.Client("trusting").GetStringAsync(new Uri("https://orders/"), Token));
    }

    [Fact]
    public async Task TlsName_is_the_host_that_requests_carry()
    {
        await using var server = await TestServer.StartAsync(
            context => context.Response.WriteAsync(context.Request.Host.Host), listen =>
                listen.UseHttps(Certificates.ForServer("payments.internal")));
        await using var application = Application(
            Settings.Service("orders", $"https://127.0.0.1:{server.Address.Port}").With("Services:orders:TlsName", "payments.internal"));

        Assert.Equal("payments.internal", await application.Client("trusting").GetStringAsync(new Uri("https://orders/"), Token));
    }

    private static Task<TestServer> StartAsync(string answer, string certified) =>
        TestServer.StartAsync(context => context.Response.WriteAsync(answer), listen => listen.UseHttps(Certificates.ForServer(certified)));

    private static MeshApplication Application(Settings settings) => new(settings, services =>
        services.AddHttpClient("trusting").ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = Certificates.TrustRoot() },
        }));
}
