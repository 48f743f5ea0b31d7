using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Model;
using Mesh.Client.Options;

namespace Mesh.Client.Eureka;

/// <summary>Sends a request to the servers in turn until one gives a usable answer.</summary>
internal sealed class EurekaTransport(ModelInForce model, TimeProvider time, HttpMessageHandler handler) : IDisposable
{
    private static readonly TimeSpan DefaultQuarantine = TimeSpan.FromMinutes(5);

    private readonly HttpMessageInvoker _http = new(handler);
    private readonly long _started = time.GetTimestamp();
    private Servers _servers = new(null, new ServerChoice([]));

    public async Task<T> SendAsync<T>(EurekaRequest<T> request, CancellationToken cancellationToken)
    {
        var options = model.Current.Options;
        var choice = ServersOf(options);
        var timeout = EurekaSettings.From(options.Discovery).RequestTimeout;
        if (request.Budget is { } whole && choice.Count > 0 && whole / choice.Count < timeout)
        {
            // A server that hangs must leave time for the next one.
            timeout = whole / choice.Count;
        }

        List<string> failures = [];
        List<string> kinds = [];
        Exception? last = null;
        var nothingSent = true;
        var answered = false;
        foreach (var server in choice.Order(Now, options.Discovery.Eureka.ServerQuarantine ?? DefaultQuarantine))
        {
            try
            {
                var result = await AttemptAsync(server, request, timeout, cancellationToken).ConfigureAwait(false);
                choice.Answered(server, Now);
                return result;
            }
            catch (Exception failure) when (failure is HttpRequestException or IOException or InvalidDataException or JsonException
                or EurekaException or OperationCanceledException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                choice.Failed(server, Now);
                failures.Add($"{NameOf(server, request.Path)}: {Describe(failure, timeout)}{Hint(server, request.Method, failure)}");
                kinds.Add(FailureKind.Of(failure));
                last = failure;
                answered |= failure is EurekaException or JsonException or InvalidDataException;
                nothingSent &= failure is HttpRequestException
                {
                    HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
                        or HttpRequestError.SecureConnectionError,
                };
            }
        }

        throw choice.Count == 0
            ? new EurekaException("no usable address under Mesh:Discovery:Eureka:ServiceUrls")
            : new EurekaException(string.Join("; ", failures), last)
            {
                Kinds = FailureKind.Of(kinds),
                NothingSent = nothingSent,
                Answered = answered,
            };
    }

    public void Dispose() => _http.Dispose();

    private TimeSpan Now => time.GetElapsedTime(_started);

    private async Task<T> AttemptAsync<T>(
        EurekaServer server, EurekaRequest<T> request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        using var message = new HttpRequestMessage(request.Method, new Uri(server.Root, request.Path));
        message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        message.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
        message.Headers.Authorization = server.Authorization;
        if (request.Body is { } body)
        {
            message.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        }

        using var response = await _http.SendAsync(message, either.Token).ConfigureAwait(false);
        return await request.Read(response, either.Token).ConfigureAwait(false);
    }

    private ServerChoice ServersOf(MeshOptions options)
    {
        // Options objects are never changed after validation, so a new one means a new configuration.
        var servers = Volatile.Read(ref _servers);
        if (!ReferenceEquals(servers.Options, options))
        {
            servers = new Servers(
                options, new ServerChoice(EurekaServer.From(EurekaServers.InOrder(options.Discovery.Eureka, options.Service.Zone))));
            Volatile.Write(ref _servers, servers);
        }

        return servers.Choice;
    }

    /// <summary>The request for messages: without a query, and without the names of an instance that a path may contain.</summary>
    private static string NameOf(EurekaServer server, string path) =>
        server.Name + server.Root.AbsolutePath + (path.IndexOfAny(['/', '?']) is >= 0 and var end
            && !path.StartsWith("apps/delta", StringComparison.Ordinal) ? path[..end] : path);

    private static string Hint(EurekaServer server, HttpMethod method, Exception failure) => failure switch
    {
        EurekaException { Status: 403, HasWords: false } when method == HttpMethod.Get =>
            " (a registry that has started without a copy of its peers refuses its lists for a while: PeerSyncWait, 30 s, of "
            + "Mesh.Registry, 5 min of a Netflix server)",
        EurekaException { Status: 404 } when server.Root.AbsolutePath == "/" =>
            $" (most registries are found under a path: {server.Name}/eureka/)",
        EurekaException { Status: 401 } when server.Authorization is not null => " (it refuses the user and password of its address)",
        EurekaException { Status: 401 } => " (user and password belong in the address: http://user:password@…)",
        _ => string.Empty,
    };

    private static string Describe(Exception failure, TimeSpan timeout) => failure switch
    {
        OperationCanceledException => string.Create(CultureInfo.InvariantCulture, $"no answer within {timeout.TotalSeconds:0.###} s"),
        // The reason of a failed handshake is only in the inner one.
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.SecureConnectionError,
            InnerException: { } inner,
        } => $"{failure.Message} {inner.Message}",
        _ => failure.Message,
    };

    private sealed record Servers(MeshOptions? Options, ServerChoice Choice);
}
