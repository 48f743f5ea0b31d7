using System.Net.Http.Headers;
using System.Text.Json;

namespace Storefront.Processes;

/// <summary>Asks the registry which instances are <c>UP</c>.</summary>
internal sealed class RegistryReader : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(2) };

    public RegistryReader(Uri address)
    {
        ServiceUrl = new Uri(address, "/eureka/");
        _http.BaseAddress = ServiceUrl;
        _http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
    }

    /// <summary>The address that Eureka clients are configured with.</summary>
    public Uri ServiceUrl { get; }

    /// <summary>Reads the ports of all instances that are <c>UP</c>; null when the registry does not answer.</summary>
    public async Task<IReadOnlySet<int>?> ReadUpPortsAsync(CancellationToken cancellation)
    {
        try
        {
            await using var body = await _http.GetStreamAsync(new Uri("apps", UriKind.Relative), cancellation);
            using var document = await JsonDocument.ParseAsync(body, cancellationToken: cancellation);
            return document.RootElement.GetProperty("applications").GetProperty("application").EnumerateArray()
                .SelectMany(application => application.GetProperty("instance").EnumerateArray())
                .Where(instance => instance.GetProperty("status").GetString() == "UP")
                .Select(instance => instance.GetProperty("port").GetProperty("$").GetInt32())
                .ToHashSet();
        }
        catch (Exception error) when (error is HttpRequestException or JsonException
            || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }

    public void Dispose() => _http.Dispose();
}
