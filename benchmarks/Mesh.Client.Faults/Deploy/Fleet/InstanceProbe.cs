using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Samples.Processes;

namespace Mesh.Client.Faults.Deploy.Fleet;

/// <summary>Asks instances and registry whether somebody is there.</summary>
internal sealed class InstanceProbe : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero })
    {
        Timeout = TimeSpan.FromSeconds(2),
    };

    /// <summary>Whether the process answers at all.</summary>
    public Task<bool> AnswersAsync(ServiceProcess process, bool http2) => AskAsync(process.Address, http2, _ => true);

    /// <summary>Whether the registry says that the instance is <c>UP</c>. It is asked for the
    /// single instance, which it never caches.</summary>
    public Task<bool> IsUpAsync(Uri registry, string instanceId) =>
        AskAsync(new Uri(registry, $"instances/{instanceId}"), http2: false, body =>
    {
        using var document = JsonDocument.Parse(body);
        return document.RootElement.GetProperty("instance").GetProperty("status").GetString() == "UP";
    });

    public void Dispose() => _http.Dispose();

    private async Task<bool> AskAsync(Uri address, bool http2, Func<byte[], bool> judge)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address)
        {
            Version = http2 ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        try
        {
            using var response = await _http.SendAsync(request);
            return judge(await response.Content.ReadAsByteArrayAsync());
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException or JsonException)
        {
            return false;
        }
    }
}
