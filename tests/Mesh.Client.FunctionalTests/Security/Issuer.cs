using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Text.Json;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.DependencyInjection;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>A real issuer of tokens (OpenIddict) in the process of the test. Whoever asks gets a token for the user that it names.</summary>
public sealed class Issuer : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, string> _tokens = new();
    private readonly HttpClient _http = new();
    private TestServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync(answer: null, services: services => services
        .AddOpenIddict()
        .AddServer(options =>
        {
            options.SetTokenEndpointUris("connect/token").AllowPasswordFlow().AcceptAnonymousClients().EnableDegradedMode();
            options.AddEphemeralEncryptionKey().AddEphemeralSigningKey().DisableAccessTokenEncryption();
            options.UseAspNetCore().DisableTransportSecurityRequirement();
            options.AddEventHandler<ValidateTokenRequestContext>(handler => handler.UseInlineHandler(static _ => default));
            options.AddEventHandler<HandleTokenRequestContext>(handler => handler.UseInlineHandler(static context =>
            {
                context.Principal = Principal(context.Request);
                return default;
            }));
        }));

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    /// <summary>An access token of the user, the same again for the same arguments.</summary>
    /// <param name="user">Its subject.</param>
    /// <param name="audiences">Whom it is for, with a space between.</param>
    /// <param name="padding">Characters that make it larger.</param>
    public async Task<string> TokenAsync(string user, string audiences = "orders payments", int padding = 0)
    {
        var key = $"{user}|{audiences}|{padding}";
        if (_tokens.TryGetValue(key, out var known))
        {
            return known;
        }

        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "password",
            ["username"] = user,
            ["password"] = "-",
            ["audiences"] = audiences,
            ["padding"] = padding.ToString(CultureInfo.InvariantCulture),
        });
        using var response = await _http.PostAsync(new Uri(_server.Url + "/connect/token"), form, Token);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        return _tokens[key] = answer.GetProperty("access_token").GetString()!;
    }

    /// <summary>As an application authenticates its callers.</summary>
    public void Authenticate(IServiceCollection services)
    {
        services.AddAuthorization();
        services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(options =>
        {
            options.Authority = _server.Url;
            options.RequireHttpsMetadata = false;
            options.MapInboundClaims = false;
            options.TokenValidationParameters.ValidAudience = "orders";
            options.TokenValidationParameters.ValidateIssuer = false;
        });
    }

    private static ClaimsPrincipal Principal(OpenIddictRequest request)
    {
        var identity = new ClaimsIdentity("password", Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, request.Username);
        if ((int)request["padding"]! is var padding and > 0)
        {
            identity.SetClaim("padding", new string('p', padding));
        }

        identity.SetDestinations(static _ => [Destinations.AccessToken]);
        var principal = new ClaimsPrincipal(identity);
        principal.SetResources(((string)request["audiences"]!).Split(' '));
        return principal;
    }
}
