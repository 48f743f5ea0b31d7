using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Mesh.Client.DependencyInjection;

namespace Mesh.Client.Discovery.Eureka;

/// <summary>The Eureka v2 protocol on the wire: one request, sent to the servers in turn until one gives a usable answer.</summary>
/// <remarks>It has its own connections, beside the mesh: the registry is what the mesh is built on. Stays with the server that answered last.</remarks>
internal sealed class EurekaClient : IDisposable
{
    private readonly MeshConfiguration _configuration;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _http;
    private Servers _servers = new(null, []);

    // Index of the server that answered last. Races between the loops are harmless: either of them writes a server that works.
    private int _preferred;

    public EurekaClient(MeshConfiguration configuration, TimeProvider time)
        : this(configuration, time, CreateHandler(new RegistryTrust(configuration)))
    {
    }

    internal EurekaClient(MeshConfiguration configuration, TimeProvider time, HttpMessageHandler handler)
    {
        _configuration = configuration;
        _time = time;
        _http = new HttpMessageInvoker(handler);
    }

    /// <summary>The complete registry.</summary>
    public async Task<EurekaApplications> GetAllAsync(CancellationToken cancellationToken) =>
        (await SendAsync(HttpMethod.Get, string.Empty, null, null, ReadApplicationsAsync, cancellationToken).ConfigureAwait(false))!;

    /// <summary>What changed in the last minutes; null where the server does not offer that.</summary>
    public Task<EurekaApplications?> GetDeltaAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, "delta", null, null, ReadDeltaAsync, cancellationToken);

    /// <summary>Creates or replaces a registration.</summary>
    public Task RegisterAsync(Registration registration, EurekaStatus status, long dirty, TimeSpan? budget, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, Escape(registration.App), RegistrationWriter.Write(registration, status, dirty), budget, AcceptAsync, cancellationToken);

    /// <summary>Renews a registration. False: the registry does not have it, in this version or at all.</summary>
    public Task<bool> HeartbeatAsync(Registration registration, EurekaStatus status, long dirty, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Put,
            string.Create(CultureInfo.InvariantCulture, $"{PathOf(registration)}?status={EurekaStatusNames.NameOf(status)}&lastDirtyTimestamp={dirty}"),
            null,
            null,
            AcceptOrUnknownAsync,
            cancellationToken);

    /// <summary>Removes a registration; that it is gone already is fine.</summary>
    public Task DeleteAsync(Registration registration, TimeSpan budget, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, PathOf(registration), null, budget, AcceptOrUnknownAsync, cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<T> SendAsync<T>(
        HttpMethod method,
        string path,
        byte[]? body,
        TimeSpan? budget,
        Func<HttpResponseMessage, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken)
    {
        var options = _configuration.Current.Options.Discovery;
        var servers = ServersOf(options.Eureka);
        var timeout = EurekaSettings.From(options).RequestTimeout;
        if (budget is { } whole && servers.Length > 0 && whole / servers.Length < timeout)
        {
            // A server that hangs must leave time for the next one.
            timeout = whole / servers.Length;
        }

        var first = Volatile.Read(ref _preferred);
        List<string> failures = [];
        Exception? last = null;
        for (var i = 0; i < servers.Length; i++)
        {
            var index = (first + i) % servers.Length;
            try
            {
                var result = await AttemptAsync(servers[index], method, path, body, timeout, read, cancellationToken).ConfigureAwait(false);
                Volatile.Write(ref _preferred, index);
                return result;
            }
            catch (Exception failure) when (failure is HttpRequestException or IOException or InvalidDataException or JsonException or EurekaException or OperationCanceledException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                failures.Add($"{servers[index].Name}: {Describe(failure, timeout)}");
                last = failure;
            }
        }

        throw servers.Length == 0
            ? new EurekaException("no usable address under Mesh:Discovery:Eureka:ServiceUrls")
            : new EurekaException(string.Join("; ", failures), last);
    }

    private async Task<T> AttemptAsync<T>(
        EurekaServer server,
        HttpMethod method,
        string path,
        byte[]? body,
        TimeSpan timeout,
        Func<HttpResponseMessage, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        using var request = new HttpRequestMessage(method, path.Length == 0 ? TrimSlash(server.Apps) : new Uri(server.Apps, path));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.Authorization = server.Authorization;
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        }

        using var response = await _http.SendAsync(request, either.Token).ConfigureAwait(false);
        return await read(response, either.Token).ConfigureAwait(false);
    }

    private EurekaServer[] ServersOf(EurekaOptions options)
    {
        // Options objects are never changed after validation, so a new one means a new configuration.
        var servers = Volatile.Read(ref _servers);
        if (!ReferenceEquals(servers.Options, options))
        {
            servers = new Servers(options, EurekaServer.From(options.ServiceUrls));
            Volatile.Write(ref _servers, servers);
        }

        return servers.List;
    }

    private static async Task<EurekaApplications?> ReadDeltaAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.NotFound
            ? null
            : await ReadApplicationsAsync(response, cancellationToken).ConfigureAwait(false);

    private static async Task<EurekaApplications?> ReadApplicationsAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw await RefusedAsync(response, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            return await BoundedBody.ReadAsync(response.Content, RegistryLimits.BodyBytes, EurekaReader.Read, cancellationToken).ConfigureAwait(false);
        }
        catch (JsonException notJson)
        {
            var type = response.Content.Headers.ContentType?.MediaType ?? "no content type";
            throw new EurekaException($"its answer ({type}) is not a Eureka application list in JSON: {Printable.Of(notJson.Message)}", notJson);
        }
    }

    private static async Task<bool> AcceptAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        response.IsSuccessStatusCode ? true : throw await RefusedAsync(response, cancellationToken).ConfigureAwait(false);

    private static async Task<bool> AcceptOrUnknownAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        response.StatusCode != HttpStatusCode.NotFound && await AcceptAsync(response, cancellationToken).ConfigureAwait(false);

    /// <summary>A refusal with the server's own words, which for a bad registration are the only hint at what is wrong.</summary>
    private static async Task<EurekaException> RefusedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var start = new byte[200];
        var length = await stream.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        var words = Printable.Of(System.Text.Encoding.UTF8.GetString(start, 0, length));
        return new EurekaException(string.Create(CultureInfo.InvariantCulture, $"answered {(int)response.StatusCode}{(words.Length > 0 ? $" \"{words}\"" : string.Empty)}"));
    }

    private static string Describe(Exception failure, TimeSpan timeout) => failure switch
    {
        OperationCanceledException => string.Create(CultureInfo.InvariantCulture, $"no answer within {timeout.TotalSeconds:0.###} s"),
        // The reason of a failed handshake is only in the inner one.
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError, InnerException: { } inner } => $"{failure.Message} {inner.Message}",
        _ => failure.Message,
    };

    private static string PathOf(Registration registration) => $"{Escape(registration.App)}/{Escape(registration.InstanceId)}";

    // The colon is kept as it is, which every client of the field does; all other reserved characters are escaped.
    private static string Escape(string segment) => Uri.EscapeDataString(segment).Replace("%3A", ":", StringComparison.Ordinal);

    private static Uri TrimSlash(Uri apps) => new(apps.AbsoluteUri.TrimEnd('/'));

    private static SocketsHttpHandler CreateHandler(RegistryTrust trust) => new()
    {
        SslOptions = trust.Options,
        AutomaticDecompression = DecompressionMethods.GZip,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        // Long enough to keep the connection over many heartbeats, short enough to follow a registry that moves in DNS.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        // A redirect could carry the credentials elsewhere.
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        // Polling belongs to nobody's trace.
        ActivityHeadersPropagator = null,
    };

    private sealed record Servers(EurekaOptions? Options, EurekaServer[] List);
}
