using System.Net;
using System.Net.Security;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>T22: a registry may raise the scheme, never lower it.</summary>
public sealed class SchemeDowngradeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("https", false)]
    [InlineData("http", true)]
    [InlineData("https", true)]
    [InlineData("mesh", true)]
    public async Task Scheme_downgrade_instance_that_flips_to_plain_gets_no_plaintext_byte(string scheme, bool requireTls)
    {
        using var plain = new SocketRecorder(IPAddress.Loopback);
        await using var secure = await TestServer.StartAsync(
            context => context.Response.WriteAsync("secret kept"), listen => listen.UseHttps(Certificates.ForServer("localhost")));
        await using var registry = await ScriptedRegistry.StartAsync(
            ScriptedRegistry.Instance("a", "localhost", plain.Port, secure.Address.Port));
        if (!requireTls)
        {
            registry.List(ScriptedRegistry.Instance("a", "localhost", port: 0, secure.Address.Port));
        }

        await using var application = new MeshApplication(
            requireTls ? Settings.Registry(registry.Url).With("Services:orders:RequireTls", "true") : Settings.Registry(registry.Url),
            services => services.AddHttpClient("trusting").ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = Certificates.TrustRoot() },
            }));
        var uri = new Uri($"{scheme}://orders/");
        Assert.Equal("secret kept", await application.Client("trusting").GetStringAsync(uri, Token));

        registry.List(ScriptedRegistry.Instance("a", "localhost", plain.Port));
        await Patience.UntilAsync(
            () => !application.State("orders").Endpoints.Current.All.Any(endpoint => endpoint.Transport.IsSecure), "the flip has arrived");
        var first = await Assert.ThrowsAsync<NoEndpointException>(
            () => application.Client("trusting").PostAsync(uri, new StringContent("secret"), Token));
        await Assert.ThrowsAsync<NoEndpointException>(() => application.Client().PostAsync(uri, new StringContent("secret"), Token));

        Assert.Contains("TLS", first.Message, StringComparison.Ordinal);
        Assert.Equal(0, plain.Accepted);
        Assert.Equal(0, plain.Bytes);
    }

    [Fact]
    public async Task Scheme_raised_by_the_registry_is_used_for_http()
    {
        await using var secure = await TestServer.StartAsync(
            context => context.Response.WriteAsync(context.Request.Scheme), listen => listen.UseHttps(Certificates.ForServer("localhost")));
        await using var registry = await ScriptedRegistry.StartAsync(
            ScriptedRegistry.Instance("a", "localhost", port: 0, secure.Address.Port));
        await using var application = new MeshApplication(
            Settings.Registry(registry.Url),
            services => services.AddHttpClient("trusting").ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = Certificates.TrustRoot() },
            }));

        Assert.Equal("https", await application.Client("trusting").GetStringAsync(new Uri("http://orders/"), Token));
    }
}
