using System.Net;
using Mesh.Client.Model;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>A response body that the mesh watches. It counts as in flight until it ends, its end decides success or failure, and silence
/// for too long ends it.</summary>
internal sealed class StreamedContent : HttpContent
{
    private readonly HttpResponseMessage _response;
    private readonly HttpContent _inner;
    private readonly AttemptLease _lease;
    private readonly MeshClock _clock;
    private readonly TimeSpan _idleTimeout;
    private readonly AttemptCancellation? _sending;

    // -1 where it is unknown.
    private readonly long _length;
    private readonly MeshTime _asked;
    private readonly MeshTime _answered;
    private readonly bool _small;
    private readonly HeadVerdict _head;
    private readonly bool _openEnded;
    private TrialWatch? _trial;
    private StreamedBody? _body;
    private long _received;
    private long _lastByte;
    private int _reading;
    private int _consumed;
    private int _ended;

    /// <param name="response">The answer that it is the body of; its present content is what is read.</param>
    /// <param name="lease">Ended with the body.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="idleTimeout">How long the body may be silent.</param>
    /// <param name="sending">The cancellation of what is still under way, such as a request body that
    /// is being sent: given back with the end.</param>
    /// <param name="head">What the head says of the endpoint.</param>
    /// <param name="asked">Since when the head was waited for.</param>
    /// <param name="rpc">What is known at the trailers only; null unless the call is one of gRPC.</param>
    /// <param name="foreign">Whether a primary handler of the user's made the answer: its stream may keep a token that it is given.</param>
    public StreamedContent(
        HttpResponseMessage response,
        in AttemptLease lease,
        MeshClock clock,
        TimeSpan idleTimeout,
        AttemptCancellation? sending,
        HeadVerdict head,
        MeshTime asked,
        GrpcEnd? rpc,
        bool foreign)
    {
        IsForeign = foreign;
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

    /// <summary>The last resort for a response that was not disposed of: its endpoint must not look busy forever.</summary>
    ~StreamedContent() => Leave();

    /// <summary>What the call itself learns from the trailers.</summary>
    public GrpcEnd? Rpc { get; }

    public bool IsForeign { get; }

    public bool HasEnded => Volatile.Read(ref _ended) != 0;

    public long Received => Volatile.Read(ref _received);

    public long? Length => _length < 0 ? null : _length;

    public Version Version => _response.Version;

    public string Endpoint => _lease.Endpoint.Name;

    public string Service => _lease.ServiceName;

    public TimeSpan IdleTimeout => _idleTimeout;

    public TimeProvider Time => _clock.TimeProvider;

    /// <summary>Ends the lease. Several ends may meet (last byte, error, disposal): the first counts.</summary>
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
        // The runtime ends the response, too, when the request body fails that is still being sent.
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

    /// <summary>Decides on a trial whose body goes on: an endless stream must not keep the endpoint out for ever.</summary>
    /// <param name="watch">What asks.</param>
    /// <param name="recently">How far to look back.</param>
    public void DecideTrial(TrialWatch watch, TimeSpan recently)
    {
        var now = _clock.Now;

        // What may be silent has shown all that it can: that it stays open.
        var flows = _idleTimeout == Timeout.InfiniteTimeSpan
            || (Received > 0 && now - MeshTime.Read(ref _lastByte) < recently);
        if (!flows && Volatile.Read(ref _reading) != 0)
        {
            // The next byte or the silence decides.
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

            // A blocking call whose time is over: the runtime disposes of the content while it is read.
            Volatile.Read(ref _body)?.EndReading();
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>The caller reads no further.</summary>
    internal void Stop()
    {
        if (!HasEnded)
        {
            End(Received == _length ? BodyEnd.Complete : Volatile.Read(ref _reading) != 0 ? BodyEnd.Canceled : BodyEnd.Left);
        }
    }

    /// <summary>Ends a read of the attempt's that is under way, and with it the connection. The transport reads the rest of a body that is
    /// disposed of, and two reads at a time would take each other's bytes: those of the next answer, too.</summary>
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

    /// <summary>As the runtime's own content: what has been read, or is being read, cannot be had a second time.</summary>
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
        // The head was good, and so was what the caller has read. It is no proof that the rest would have come; and without its trailers a
        // call of gRPC has no outcome.
        _ => Rpc is null && !trial ? CallOutcome.Ok : CallOutcome.Canceled,
    };

    /// <summary>Only what lives as long as the process is touched here: the collector may have taken the rest.</summary>
    private void Leave()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            _lease.ExitAnswered(_answered, _openEnded);
            Rpc?.Forget();
            if (_head is HeadVerdict.Refused or HeadVerdict.RefusedListed)
            {
                // The verdict may take a lock, which the thread of the finalizers must not wait for. A trial is settled: until then its
                // watch holds on to this object.
                ThreadPool.UnsafeQueueUserWorkItem(
                    static c => RefusedBody.Record(c._lease, c._head, BodyEnd.Left, c._asked, c._answered, c._clock.Now, trial: false),
                    this, preferLocal: false);
            }
        }
    }
}
