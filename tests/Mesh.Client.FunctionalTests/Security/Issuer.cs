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

/// <summary>A real issuer of tokens (OpenIddict) in the process of the test. Whoever asks gets
/// a token for the user that it names.</summary>
public sealed class Issuer : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, string> _tokens = new();
    private readonly HttpClient _http = new();
    private readonly SkewedTime _time = new();
    private TestServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync(answer: null, services: services => services
        .AddOpenIddict()
        .AddServer(options =>
        {
            options.SetTokenEndpointUris("connect/token").AllowPasswordFlow().AcceptAnonymousClients().EnableDegradedMode();
            options.AddEphemeralEncryptionKey().AddEphemeralSigningKey().DisableAccessTokenEncryption();
            options.Configure(server => server.TimeProvider = _time);
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
        return _tokens.TryGetValue(key, out var known)
            ? known
            : _tokens[key] = await RequestAsync(user, audiences, padding, TimeSpan.FromHours(1));
    }

    /// <summary>A token of an issuer whose clock is wrong.</summary>
    /// <param name="skew">How much it is ahead; negative when it is behind.</param>
    /// <param name="lifetime">How long the token is good for, by that clock.</param>
    public async Task<string> SkewedTokenAsync(TimeSpan skew, TimeSpan lifetime)
    {
        _time.Skew = skew;
        try
        {
            return await RequestAsync("alice", "orders payments", padding: 0, lifetime);
        }
        finally
        {
            _time.Skew = TimeSpan.Zero;
        }
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
            options.TokenValidationParameters.ClockSkew = TimeSpan.FromSeconds(30);
        });
    }

    private async Task<string> RequestAsync(string user, string audiences, int padding, TimeSpan lifetime)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "password",
            ["username"] = user,
            ["password"] = "-",
            ["audiences"] = audiences,
            ["padding"] = padding.ToString(CultureInfo.InvariantCulture),
            ["lifetime"] = lifetime.TotalSeconds.ToString(CultureInfo.InvariantCulture),
        });
        using var response = await _http.PostAsync(new Uri(_server.Url + "/connect/token"), form, Token);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        return answer.GetProperty("access_token").GetString()!;
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
        principal.SetAccessTokenLifetime(TimeSpan.FromSeconds((long)request["lifetime"]!));
        principal.SetResources(((string)request["audiences"]!).Split(' '));
        return principal;
    }

    private sealed class SkewedTime : TimeProvider
    {
        public TimeSpan Skew { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Skew;
    }
}
