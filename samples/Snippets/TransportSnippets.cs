using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Snippets;

internal static class TransportSnippets
{
    public static void OwnPrimary(IServiceCollection services, X509Certificate2 certificate)
    {
        // snippet: own-primary
        services.AddHttpClient("payments", client => client.BaseAddress = new Uri("https://payments/"))
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                SslOptions = { ClientCertificates = [certificate] },
                AutomaticDecompression = DecompressionMethods.All,
                AllowAutoRedirect = false,
            });
        // end
    }

    public static void ShortIdle(IServiceCollection services)
    {
        // snippet: short-idle
        services.AddHttpClient("reports", client => client.BaseAddress = new Uri("http://reports/"))
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                PooledConnectionIdleTimeout = TimeSpan.FromSeconds(4),
                AllowAutoRedirect = false,
            });
        // end
    }

    public static void Session(IServiceCollection services)
    {
        // snippet: session-cookies
        var session = new CookieContainer();
        services.AddHttpClient("shop", client => client.BaseAddress = new Uri("http://shop/"))
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { CookieContainer = session });
        // end
    }

    public static void TrustedPrimary(IServiceCollection services)
    {
        // snippet: trusted-primary
        services.AddHttpClient("payments")
            .ConfigurePrimaryHttpMessageHandler(() => new PaymentsDouble())
            .TrustPrimaryHandler();
        // end
    }

    private sealed class PaymentsDouble : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
    }
}
