using System.Buffers.Text;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.WebUtilities;

namespace Identity.Issuer;

/// <summary>Logs the user in by authorization code with PKCE, and plays the browser: it follows each redirect by hand.</summary>
internal sealed class LogIn(Uri issuer) : IDisposable
{
    private readonly HttpClient _http = new(
        new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, CookieContainer = new CookieContainer() })
    {
        BaseAddress = issuer,
    };

    /// <summary>Gets a token of the user for these services.</summary>
    /// <exception cref="DemoException">The issuer did not do what it must.</exception>
    public async Task<string> GetTokenAsync(IEnumerable<string> audiences, CancellationToken cancellation)
    {
        // The verifier is needed to redeem the code, and the state ties the answer to this request.
        var verifier = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var state = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
        var authorize = QueryHelpers.AddQueryString(IssuerSettings.AuthorizationPath, new Dictionary<string, string?>
        {
            ["client_id"] = IssuerSettings.Client,
            ["redirect_uri"] = IssuerSettings.RedirectUri,
            ["response_type"] = "code",
            ["scope"] = string.Join(' ', audiences),
            ["state"] = state,
            ["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))),
            ["code_challenge_method"] = "S256",
        });

        // The issuer does not know the user yet; then it does, and gives the code.
        var page = await FollowAsync(HttpMethod.Get, new Uri(issuer, authorize), null, cancellation);
        var back = await FollowAsync(
            HttpMethod.Post,
            page,
            new() { [LogInPage.UserField] = IssuerSettings.User, [LogInPage.PasswordField] = IssuerSettings.Password },
            cancellation);
        var answer = await FollowAsync(HttpMethod.Get, back, null, cancellation);
        var query = QueryHelpers.ParseQuery(answer.Query);
        if (query["state"] != state || query["code"].ToString() is not { Length: > 0 } code)
        {
            throw new DemoException($"The issuer gave no code: {query["error"]} {query["error_description"]}");
        }

        return await RedeemAsync(code, verifier, cancellation);
    }

    public void Dispose() => _http.Dispose();

    private async Task<Uri> FollowAsync(HttpMethod method, Uri address, Dictionary<string, string>? form, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, address) { Content = form is null ? null : new FormUrlEncodedContent(form) };
        using var response = await _http.SendAsync(request, cancellation);
        return response.Headers.Location is { } location
            ? new Uri(address, location)
            : throw new DemoException($"{method} {address.AbsolutePath} of the issuer is no redirect: {(int)response.StatusCode} "
                + $"{await response.Content.ReadAsStringAsync(cancellation)}");
    }

    private async Task<string> RedeemAsync(string code, string verifier, CancellationToken cancellation)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["client_id"] = IssuerSettings.Client,
            ["redirect_uri"] = IssuerSettings.RedirectUri,
            ["code"] = code,
            ["code_verifier"] = verifier,
        });
        using var response = await _http.PostAsync(new Uri(IssuerSettings.TokenPath, UriKind.Relative), form, cancellation);
        return response.IsSuccessStatusCode
            && await response.Content.ReadFromJsonAsync<TokenAnswer>(cancellation) is { AccessToken: { } token }
            ? token
            : throw new DemoException($"The issuer gave no token: {(int)response.StatusCode} "
                + $"{await response.Content.ReadAsStringAsync(cancellation)}");
    }

    private sealed record TokenAnswer([property: JsonPropertyName("access_token")] string? AccessToken);
}
