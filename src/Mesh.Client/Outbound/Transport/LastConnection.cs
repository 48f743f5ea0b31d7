using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Mesh.Client.Outbound.Transport;

/// <summary>The result of an endpoint's last connection, and the requests that it counts for.</summary>
/// <remarks>
/// Over HTTP/2 the runtime opens one connection at a time, and its failure ends only the request that it was opened for: each other request
/// would wait for a connection of its own, in turn. Here a failure counts for all requests that were waiting by then: when the runtime
/// opens the next one's connection, it gets the same failure at once. A request that fails in this way had no connection, so nothing of it
/// was sent. Requests sent after the failure get a connection of their own. While a connection is open, the failure of a further one means
/// nothing: waiting requests may still get a place on the open one.
/// </remarks>
internal sealed class LastConnection(bool secure)
{
    // Of several connections the last one is enough: if only an earlier one is open, waiting requests leave sooner than they must.
    private volatile Stream? _opened;

    // Null also before the first connection. A failure that races with a success may stay: it only ends requests that were sent before it.
    private volatile Failure? _failure;

    /// <summary>Notes that a request is about to be sent. On an endpoint without a failure this is one read.</summary>
    public void Sending(HttpRequestMessage request)
    {
        if (_failure is { } failure && AsksForHttp2(request))
        {
            failure.Later.TryAdd(request, failure);
        }
    }

    /// <summary>Throws if a connection has failed while this request waited for it.</summary>
    /// <param name="request">The request that the next connection is for.</param>
    public void ThrowIfFailed(HttpRequestMessage request)
    {
        if (_failure is { } failure && AsksForHttp2(request) && !failure.Later.TryGetValue(request, out _))
        {
            failure.Cause.Throw();
        }
    }

    /// <summary>A connection came through: with TLS, once the server has sent its first bytes.</summary>
    public void Opened(Stream connection)
    {
        _opened = connection;
        _failure = null;
    }

    /// <summary>A connection failed or was abandoned.</summary>
    /// <param name="exception">The reason.</param>
    /// <returns>The same exception, to be thrown.</returns>
    public Exception Failed(Exception exception)
    {
        // A disposed stream cannot be read.
        if (_opened is not { CanRead: true })
        {
            _failure = new Failure(ExceptionDispatchInfo.Capture(exception));
        }

        return exception;
    }

    // Without TLS the runtime falls back to HTTP/1.1 where that is allowed; there, each request opens its own connection from the start.
    private bool AsksForHttp2(HttpRequestMessage request) =>
        secure
            ? request.Version.Major >= 2 || request.VersionPolicy == HttpVersionPolicy.RequestVersionOrHigher
            : request.Version.Major >= 2 && request.VersionPolicy != HttpVersionPolicy.RequestVersionOrLower;

    private sealed class Failure(ExceptionDispatchInfo cause)
    {
        public ExceptionDispatchInfo Cause => cause;

        /// <summary>The requests that were sent after it. Weak, so that none has to be removed.</summary>
        public ConditionalWeakTable<HttpRequestMessage, Failure> Later { get; } = [];
    }
}
