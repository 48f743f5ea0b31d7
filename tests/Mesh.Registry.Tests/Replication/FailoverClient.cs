using System.Net.Http.Headers;
using System.Text;

namespace Mesh.Registry.Tests;

/// <summary>Calls one of several registries as clients of the protocol do: the next one when one does not answer.</summary>
internal sealed class FailoverClient(IReadOnlyList<RegistryNode> nodes) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(10) };
    private int _next;

    /// <summary>Sends until one registry answers with anything but a refusal.</summary>
    /// <exception cref="InvalidOperationException">None did: a failed call.</exception>
    public async Task<(int Status, string Body)> SendAsync(HttpMethod method, string path, string? json = null)
    {
        var reasons = new StringBuilder();
        var first = Interlocked.Increment(ref _next);
        for (var turn = 0; turn < nodes.Count; turn++)
        {
            var node = nodes[(first + turn) % nodes.Count];
            try
            {
                using var request = new HttpRequestMessage(method, node.Url + path);
                request.Headers.Accept.ParseAdd("application/json");
                request.Content = json is null
                    ? null
                    : new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
                using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
                if ((int)response.StatusCode is 403 or >= 500)
                {
                    reasons.Append((int)response.StatusCode).Append(' ');
                    continue;
                }

                return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            }
            catch (HttpRequestException error)
            {
                reasons.Append(error.Message).Append(' ');
            }
        }

        throw new InvalidOperationException($"{method} {path} failed everywhere: {reasons}");
    }

    public void Dispose() => _http.Dispose();
}
