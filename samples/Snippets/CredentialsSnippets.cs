using Mesh.Client;

namespace Snippets;

internal static class CredentialsSnippets
{
    public static void Authenticate(WebApplicationBuilder builder)
    {
        // snippet: credentials-authenticate
        builder.Services.AddMesh();
        builder.Services.AddAuthentication().AddJwtBearer(options =>
        {
            options.Authority = "https://login.example.com";
            options.Audience = "orders";
        });
        // end
    }

    public static void Background(Func<Task> chargeLater)
    {
        // snippet: credentials-run-as
        var values = MeshContext.Capture();
        _ = MeshContext.RunAsync(values, chargeLater);
        // end
    }

    public static async Task<string> Refused(HttpClient payments)
    {
        // snippet: credentials-refused
        try
        {
            return await payments.GetStringAsync(new Uri("http://payments/balance"));
        }
        catch (TokenException refused) when (refused.Reason == TokenFailure.Expired)
        {
            return "Please sign in again.";
        }

        // end
    }

    public static void Source(IServiceCollection services)
    {
        // snippet: credentials-source-registration
        services.AddSingleton<ITokenSource, SessionTokens>();
        // end
    }

    // snippet: credentials-source
    internal sealed class SessionTokens(IHttpContextAccessor accessor) : ITokenSource
    {
        public ValueTask<BearerToken?> GetAsync(TokenRequest request, CancellationToken cancellationToken) =>
            new(accessor.HttpContext?.Items["token"] is string token ? BearerToken.FromJwt(token) : null);
    }

    // end
}
