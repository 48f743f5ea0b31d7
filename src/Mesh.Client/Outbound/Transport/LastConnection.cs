using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Mesh.Client.Outbound.Transport;

/// <summary>How the last connection of an endpoint came out, and for which requests that counts.</summary>
/// <remarks>
/// Over HTTP/2 the runtime opens one connection at a time, and its failure ends only the request that it was opened for: the others would
/// wait for one connection each, in turn. Here it counts for all that were waiting by then: when the runtime asks for the next one's
/// connection, it gets the same failure at once. A request that fails this way had no connection, so nothing of it was sent. Those that are
/// sent after the failure get a connection of their own. While a connection is open, a further one that fails says nothing: those that wait
/// may still get a place on the open one.
/// </remarks>
internal sealed class LastConnection(bool secure)
{
    // Of several, the last is enough: where only an earlier one is open, those that wait leave sooner than they must.
    private volatile Stream? _opened;

    // Null also before the first connection. One that races with a success may stay: it ends only requests that were sent before it.
    private volatile Failure? _failure;

    /// <summary>Notes that a request is about to be sent. On an endpoint without a failure it is one read.</summary>
    public void Sending(HttpRequestMessage request)
    {
        if (_failure is { } failure && AsksForHttp2(request))
        {
            failure.Later.TryAdd(request, failure);
        }
    }

    /// <summary>Throws if a connection has failed while this request waited for it.</summary>
    /// <param name="request">The one that the next connection is for.</param>
    public void ThrowIfFailed(HttpRequestMessage request)
    {
        if (_failure is { } failure && AsksForHttp2(request) && !failure.Later.TryGetValue(request, out _))
        {
            failure.Cause.Throw();
        }
    }

    /// <summary>A connection came through: with TLS, once the server has said its first word.</summary>
    public void Opened(Stream connection)
    {
        _opened = connection;
        _failure = null;
    }

    /// <summary>A connection was given up or refused.</summary>
    /// <param name="exception">Why.</param>
    /// <returns>The same, to be thrown.</returns>
    public Exception Failed(Exception exception)
    {
        // A stream that was disposed of cannot be read.
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

        /// <summary>The requests that were sent after it. Weak: none needs to be taken out.</summary>
        public ConditionalWeakTable<HttpRequestMessage, Failure> Later { get; } = [];
    }
}
