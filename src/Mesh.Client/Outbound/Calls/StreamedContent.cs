using System.Net;
using Mesh.Client.Model;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>A response body that the mesh watches. It counts as in flight until it ends, its end decides success or failure, and too long a
/// silence ends it.</summary>
internal sealed class StreamedContent : HttpContent
{
    private readonly HttpResponseMessage _response;
    private readonly HttpContent _inner;
    private readonly AttemptLease _lease;
    private readonly MeshClock _clock;
    private readonly TimeSpan _idleTimeout;
    private readonly AttemptCancellation? _sending;

    // -1 for unknown.
    private readonly long _length;
    private readonly MeshTime _asked;
    private readonly MeshTime _answered;
    private readonly bool _small;
    private readonly HeadVerdict _head;
    private readonly bool _openEnded;
    private readonly bool _secure;
    private TrialWatch? _trial;
    private StreamedBody? _body;
    private long _received;
    private long _lastByte;
    private int _reading;
    private int _consumed;
    private int _ended;

    /// <param name="response">The response; its present content is read.</param>
    /// <param name="lease">Ended with the body.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="idleTimeout">How long the body may be silent.</param>
    /// <param name="sending">The cancellation of work still under way, such as sending the request body; returned at the end.</param>
    /// <param name="head">The verdict of the head.</param>
    /// <param name="asked">When the wait for the head began.</param>
    /// <param name="rpc">The pending end of a gRPC call; null for other calls.</param>
    /// <param name="secure">Whether the request asked for TLS.</param>
    /// <param name="foreign">Whether a user's primary handler made the answer: its stream may keep a token that it is given.</param>
    public StreamedContent(
        HttpResponseMessage response,
        in AttemptLease lease,
        MeshClock clock,
        TimeSpan idleTimeout,
        AttemptCancellation? sending,
        HeadVerdict head,
        MeshTime asked,
        GrpcEnd? rpc,
        bool secure,
        bool foreign)
    {
        IsForeign = foreign;
        _secure = secure;
        _response = response;
        _inner = response.Content;
        _sending = sending;
        _lease = lease;
        _clock = clock;
        _idleTimeout = idleTimeout;
        _length = _inner.Headers.ContentLength ?? -1;
        _small = _inner is ResumedContent;
        _head = head;
        _asked = asked;
        _openEnded = ResponseBody.IsOpenEnded(_inner);
        Rpc = rpc;
        _answered = clock.Now;
        _lastByte = _answered.Micros;
        lease.Answered(_answered, _openEnded);
        ContentHeaders.Copy(_inner, this);
        if (lease.IsTrial && head is not (HeadVerdict.Final or HeadVerdict.Overloaded))
        {
            _trial = TrialWatch.Start(this, clock.TimeProvider);
        }
    }

    /// <summary>The last resort for a response that was not disposed of: its endpoint must not look busy for ever.</summary>
    ~StreamedContent() => Leave();

    /// <summary>The end of the call, which comes with the trailers.</summary>
    public GrpcEnd? Rpc { get; }

    public bool IsForeign { get; }

    public bool HasEnded => Volatile.Read(ref _ended) != 0;

    public long Received => Volatile.Read(ref _received);

    public long? Length => _length < 0 ? null : _length;

    public Version Version => _response.Version;

    public string Endpoint => _lease.Endpoint.NameFor(_secure);

    public string Service => _lease.ServiceName;

    public TimeSpan IdleTimeout => _idleTimeout;

    public TimeProvider Time => _clock.TimeProvider;

    /// <summary>Ends the lease. Several ends may race (last byte, error, disposal): the first counts.</summary>
    public void End(BodyEnd how)
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
        {
            return;
        }

        // Not only in Dispose: a body that was read to its end is rarely disposed of.
#pragma warning disable CA1816
        GC.SuppressFinalize(this);
#pragma warning restore CA1816
        // The runtime also ends the response if the request body fails that is still being sent.
        var undecided = _trial?.Settle() ?? _lease.IsTrial;
        if (how == BodyEnd.Broken && _sending?.Upload is { HasFailed: true })
        {
            how = BodyEnd.Canceled;
        }

        var outcome = Judge(how, trial: undecided);
        int? status = Rpc is not null && how == BodyEnd.Complete ? GrpcStatus.OfTrailers(_response) : null;
        if (_head == HeadVerdict.Good)
        {
            var refused = outcome == CallOutcome.Ok && status is > 0;
            _lease.RecordBody(outcome, _answered, _clock.Now, _small && how == BodyEnd.Complete, undecided, refused);
        }
        else if (_head != HeadVerdict.Final)
        {
            RefusedBody.Record(_lease, _head, how, _asked, _answered, _clock.Now, undecided);
        }

        _lease.ExitAnswered(_answered, _openEnded);
        EndReading();
        _sending?.Return();
        Rpc?.End(outcome, status, Received > 0);
    }

    /// <summary>A read waits for the endpoint.</summary>
    public void BeginRead() => Volatile.Write(ref _reading, 1);

    public void EndRead(int count)
    {
        Volatile.Write(ref _reading, 0);
        if (count > 0)
        {
            Volatile.Write(ref _received, _received + count);
            if (_trial is not null)
            {
                MeshTime.Write(ref _lastByte, _clock.Now);
            }
        }
    }

    /// <summary>Decides a trial while its body continues: an endless stream must not keep the endpoint ejected for ever.</summary>
    /// <param name="watch">The watch that asks.</param>
    /// <param name="recently">How far to look back.</param>
    public void DecideTrial(TrialWatch watch, TimeSpan recently)
    {
        var now = _clock.Now;

        // A stream that may be silent has shown all that it can: that it stays open.
        var flows = _idleTimeout == Timeout.InfiniteTimeSpan
            || (Received > 0 && now - MeshTime.Read(ref _lastByte) < recently);
        if (!flows && Volatile.Read(ref _reading) != 0)
        {
            // The next byte, or the silence, decides.
            return;
        }

        if (watch.Settle())
        {
            _lease.SettleTrial(flows, _head, now);
        }
    }

    protected override async Task<Stream> CreateContentReadStreamAsync()
    {
        Consume();
        return Wrap(await _inner.ReadAsStreamAsync().ConfigureAwait(false));
    }

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken)
    {
        Consume();
        return Wrap(await _inner.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));
    }

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken)
    {
        Consume();
        return Wrap(_inner.ReadAsStream(cancellationToken));
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var body = (StreamedBody)await CreateContentReadStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            try
            {
                await body.CopyToAsync(stream, cancellationToken).ConfigureAwait(false);
            }
            catch (IOException exception) when (ReferenceEquals(exception, body.Failure))
            {
                throw BodyErrors.AsRequest(exception);
            }
        }
    }

    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        using var body = (StreamedBody)CreateContentReadStream(cancellationToken);
        try
        {
            body.CopyTo(stream);
        }
        catch (IOException exception) when (ReferenceEquals(exception, body.Failure))
        {
            throw BodyErrors.AsRequest(exception);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = Math.Max(0, _length);
        return _length >= 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Stop();

            // A blocking call that is out of time: the runtime disposes of the content during the read.
            Volatile.Read(ref _body)?.EndReading();
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>The caller stops reading.</summary>
    internal void Stop()
    {
        if (!HasEnded)
        {
            End(Received == _length ? BodyEnd.Complete : Volatile.Read(ref _reading) != 0 ? BodyEnd.Canceled : BodyEnd.Left);
        }
    }

    /// <summary>Ends a read by the attempt that is under way, and with it the connection. The transport reads the rest of a disposed body,
    /// and two concurrent reads would take each other's bytes, even those of the next answer.</summary>
    private void EndReading()
    {
        if (_inner is ResumedContent { IsReading: true })
        {
            _sending!.Cancel();
        }
    }

    private StreamedBody Wrap(Stream stream)
    {
        var body = new StreamedBody(stream, this);
        Volatile.Write(ref _body, body);
        return body;
    }

    /// <summary>As in the runtime's own content: a body that was read, or is being read, cannot be read again.</summary>
    private void Consume()
    {
        if (Interlocked.Exchange(ref _consumed, 1) != 0)
        {
            throw new InvalidOperationException("The stream was already consumed. It cannot be read again.");
        }
    }

    private CallOutcome Judge(BodyEnd how, bool trial) => how switch
    {
        BodyEnd.Broken => CallOutcome.UpstreamReset,
        BodyEnd.Canceled => CallOutcome.Canceled,
        BodyEnd.Complete => Rpc is null ? CallOutcome.Ok : Rpc.Judge(GrpcStatus.OfTrailers(_response), _clock.Now),
        // The head was good, and so was the part that the caller has read. That does not prove that the rest would have come; and without
        // its trailers a gRPC call has no outcome.
        _ => Rpc is null && !trial ? CallOutcome.Ok : CallOutcome.Canceled,
    };

    /// <summary>Runs on the finalizer thread and only uses objects that live as long as the process: others may have been
    /// collected.</summary>
    private void Leave()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            _lease.ExitAnswered(_answered, _openEnded);
            Rpc?.Forget();
            if (_head is HeadVerdict.Refused or HeadVerdict.RefusedListed)
            {
                // The verdict may take a lock, which the finalizer thread must not wait for. A trial is settled: until then its watch
                // references this object.
                ThreadPool.UnsafeQueueUserWorkItem(
                    static c => RefusedBody.Record(c._lease, c._head, BodyEnd.Left, c._asked, c._answered, c._clock.Now, trial: false),
                    this, preferLocal: false);
            }
        }
    }
}
