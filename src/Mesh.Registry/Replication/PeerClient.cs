using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Mesh.Registry.Replication;

/// <summary>The HTTP client for one peer. Everything it reads is limited.</summary>
internal sealed class PeerClient : IDisposable
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly HttpClient _http;
    private readonly Uri _batch;
    private readonly Uri _apps;

    public PeerClient(Uri peer, RegistrySettings settings)
    {
        Address = new UriBuilder(peer) { UserName = "", Password = "" }.Uri;
        _batch = new Uri(Address, "peerreplication/batch/");
        _apps = new Uri(Address, "apps/");
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(1),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = System.Net.DecompressionMethods.GZip,
        })
        {
            Timeout = TimeSpan.FromSeconds(10),
            MaxResponseContentBufferSize = Math.Min(int.MaxValue, (settings.MaxInstances * 8_192L) + settings.MaxBatchBytes),
        };
        var headers = _http.DefaultRequestHeaders;
        headers.Accept.ParseAdd("application/json");
        headers.Add("DiscoveryIdentity-Name", "DefaultServer");
        headers.Add("DiscoveryIdentity-Version", "1.4");
        if (peer.UserInfo.Length > 0)
        {
            headers.Authorization = new AuthenticationHeaderValue(
                "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(peer.UserInfo))));
        }
    }

    /// <summary>Gets the URL without user and password, for logs and the page.</summary>
    public Uri Address { get; }

    /// <summary>Sends a batch.</summary>
    /// <exception cref="HttpRequestException">The peer cannot be reached or does not accept it.</exception>
    public async Task<JsonDocument> SendAsync(ReadOnlyMemory<byte> batch, CancellationToken cancellationToken)
    {
        using var content = new ReadOnlyMemoryContent(batch);
        content.Headers.ContentType = Json;
        using var response = await _http.PostAsync(_batch, content, cancellationToken).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        return JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Reads all instances of the peer.</summary>
    /// <exception cref="HttpRequestException">The peer cannot be reached or has nothing to offer yet.</exception>
    public async Task<JsonDocument> ReadAllAsync(CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync(_apps, cancellationToken).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        return JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
    }

    public void Dispose() => _http.Dispose();
}
