using System.Net.Security;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>T6 and T11: tokens of an issuer whose clock is wrong, and tokens on connections without TLS.</summary>
public sealed class TokenTransportTests(Issuer issuer) : IClassFixture<Issuer>
{
    [Theory]
    [InlineData("https", false, false, "200 ", 1)]
    [InlineData("https", true, false, "200 ", 1)]
    [InlineData("https", false, true, "200 ", 1)]
    [InlineData("http", true, false, "200 ", 1)]
    [InlineData("http", false, false, "InsecureTransport", 0)]
    [InlineData("http", false, true, "200 ", 1)]
    public async Task Tokens_over_plaintext_only_on_loopback_in_Development_or_where_it_is_allowed(
        string scheme, bool development, bool allowed, string expected, int tokens)
    {
        var seen = new Recorded();
        await using var payments = await TestServer.StartAsync(seen.TakeAsync, listen =>
        {
            if (scheme == "https")
            {
                listen.UseHttps(Certificates.ForServer("localhost"));
            }
        });
        var settings = Front.Settings(payments.NamedUrl)
            .With("Services:payments:Credentials:AllowInsecureTransport", allowed ? "true" : "false");
        await using var front = await Front.StartAsync(issuer, settings, Front.CallPayments, TrustRoot, development);

        Assert.Equal(expected, await front.CallAsync(await issuer.TokenAsync("alice")));

        Assert.Equal(tokens, seen.Tokens.Count());
        Assert.Equal(tokens, payments.Requests);
    }

    [Theory]
    [InlineData(20, 3600, "200 ")]
    [InlineData(-20, 3600, "200 ")]
    [InlineData(60, 3600, "200 ")]
    [InlineData(-60, 10, "NoUser")]
    [InlineData(-20, 10, "Expired")]
    public async Task Clock_skew_is_tolerated_by_who_checks_the_token_and_never_by_who_passes_it_on(
        int skewSeconds, int lifetimeSeconds, string expected)
    {
        var seen = new Recorded();
        await using var payments = await TestServer.StartAsync(seen.TakeAsync);
        await using var front = await Front.StartAsync(issuer, Front.Settings(payments.Url), Front.CallPayments);
        var token = await issuer.SkewedTokenAsync(TimeSpan.FromSeconds(skewSeconds), TimeSpan.FromSeconds(lifetimeSeconds));

        Assert.Equal(expected, await front.CallAsync(token));

        Assert.Equal(expected.StartsWith('2') ? [token] : [], seen.Tokens);
    }

    private static void TrustRoot(IServiceCollection services) =>
        services.AddHttpClient("user").ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = Certificates.TrustRoot() },
        });
}
