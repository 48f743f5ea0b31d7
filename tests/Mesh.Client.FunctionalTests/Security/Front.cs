using System.Net.Http.Headers;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>The service <c>orders</c>, whose callers authenticate with tokens, and which calls <c>payments</c> for them.</summary>
internal sealed class Front : IAsyncDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false });
    private readonly MeshServer _server;

    private Front(MeshServer server) => _server = server;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public string Url => _server.Url;

    public IServiceProvider Services => _server.Services;

    public static Settings Settings(string payments) =>
        FunctionalTests.Settings.Service("payments", payments).With("Services:payments:Credentials:Mode", "Propagate");

    /// <param name="issuer">Of the callers' tokens.</param>
    /// <param name="settings">Configuration.</param>
    /// <param name="answer">What it does for an authenticated caller.</param>
    /// <param name="services">Further services.</param>
    /// <param name="development">Whether it runs in Development, where loopback addresses need no TLS.</param>
    public static async Task<Front> StartAsync(
        Issuer issuer,
        Settings settings,
        Func<HttpContext, HttpClient, Task> answer, Action<IServiceCollection>? services = null,
        bool development = true) =>
        new(await MeshServer.StartAsync(
            "orders",
            application => application.Run(
                context => answer(context, context.RequestServices.GetRequiredService<IHttpClientFactory>().CreateClient("user"))),
            development,
            settings,
            collection =>
            {
                issuer.Authenticate(collection);
                services?.Invoke(collection);
            }));

    /// <summary>Answers with what the answer of payments was, or with the reason why it was not asked.</summary>
    public static async Task CallPayments(HttpContext context, HttpClient client)
    {
        try
        {
            using var response = await client.GetAsync(new Uri("http://payments/"), context.RequestAborted);
            await context.Response.WriteAsync($"{(int)response.StatusCode} "
                + $"{await response.Content.ReadAsStringAsync(context.RequestAborted)}");
        }
        catch (TokenException exception)
        {
            await context.Response.WriteAsync(exception.Reason.ToString());
        }
    }

    public Task<string> CallAsync(string? token, string path = "/") => CallAsync(_http, token, path);

    public async Task<string> CallAsync(HttpClient http, string? token, string path = "/")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Url + path);
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using var response = await http.SendAsync(request, Token);
        return await response.Content.ReadAsStringAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }
}
