using System.Net.Security;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Outbound.Transport;

/// <summary>Certificates are checked against the endpoint's own name, never against the service's.</summary>
public sealed class TlsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("localhost", "https")]
    [InlineData("localhost", "http")]
    [InlineData("localhost", "mesh")]
    [InlineData("127.0.0.1", "https")]
    [InlineData("127.0.0.1", "http")]
    public async Task Users_handler_finds_the_certificate_of_the_endpoints_name_valid(string host, string scheme)
    {
        await using var server = await StartAsync(host, _ => { });
        await using var application = new MeshApplication(Settings.Service("vault", $"https://{host}:{server.Address.Port}"), WithTrust);

        // Validated for real: a certificate for any other name would be refused.
        Assert.Equal(
            $"https {host}:{server.Address.Port}", await application.Client("user").GetStringAsync(new Uri($"{scheme}://vault/"), Token));
    }

    [Theory]
    [InlineData("localhost", "127.0.0.1")]
    [InlineData("127.0.0.1", "localhost")]
    [InlineData("vault", "127.0.0.1")]
    public async Task Users_handler_refuses_a_certificate_for_another_name(string certificate, string host)
    {
        await using var server = await StartAsync(certificate, _ => { });
        await using var application = new MeshApplication(Settings.Service("vault", $"https://{host}:{server.Address.Port}"), WithTrust);

        var exception = await Assert.ThrowsAsync<HttpRequestException>(
            () => application.Client("user").GetStringAsync(new Uri("https://vault/"), Token));

        Assert.Equal(HttpRequestError.SecureConnectionError, exception.HttpRequestError);
    }

    [Theory]
    [InlineData("localhost", "localhost")]
    [InlineData("127.0.0.1", "")]
    public async Task Own_connections_send_the_endpoints_name_as_SNI_and_refuse_an_untrusted_certificate(string host, string expected)
    {
        var seen = new TaskCompletionSource<string>();
        await using var server = await StartAsync(host, name => seen.TrySetResult(name ?? ""));
        var endpoint = $"{host}:{server.Address.Port}";
        await using var application = new MeshApplication(Settings.Service("vault", "https://" + endpoint));

        var exception = await Assert.ThrowsAsync<HttpRequestException>(
            () => application.Client().PostAsync(new Uri("http://vault/"), new StringContent("secret"), Token));

        Assert.Equal(expected, await seen.Task.Soon());
        Assert.Equal(HttpRequestError.SecureConnectionError, exception.HttpRequestError);
        Assert.Contains($"{endpoint}: connect_failure", exception.Data["mesh.attempts"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, server.Requests);
    }

    [Fact]
    public async Task Https_is_never_lowered_to_a_plain_endpoint()
    {
        await using var server = await TestServer.StartAsync("plain");
        await using var application = new MeshApplication(Settings.Service("vault", server.Url));

        var exception = await Assert.ThrowsAsync<NoEndpointException>(
            () => application.Client().GetStringAsync(new Uri("https://vault/"), Token));

        Assert.Contains("TLS", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, server.Requests);
    }

    private static void WithTrust(IServiceCollection services) =>
        services.AddHttpClient("user").ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = Certificates.TrustRoot() },
        });

    private static Task<TestServer> StartAsync(string certificate, Action<string?> nameSeen)
    {
        var own = Certificates.ForServer(certificate);
        return TestServer.StartAsync(
            context => context.Response.WriteAsync($"{context.Request.Scheme} {context.Request.Host}"),
            listen => listen.UseHttps(https => https.ServerCertificateSelector = (_, name) =>
            {
                nameSeen(name);
                return own;
            }));
    }
}
