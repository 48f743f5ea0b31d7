using System.Net;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>The sending of one attempt's request body: whether it has begun, which side's failure ended it, and when it last
/// moved.</summary>
/// <remarks>
/// The runtime reports an unreadable body and an endpoint that accepts no more in the same way. Here both sides pass by: an exception of
/// the content that the transport's stream has not thrown is the body's own failure, whatever its type. Over HTTP/2 the sending may outlive
/// the attempt, so this knows neither call nor request.
/// </remarks>
#pragma warning disable CA1001 // The stream belongs to the transport, which closes it.
internal sealed class Upload : IBodyReader
#pragma warning restore CA1001
{
    /// <summary>Up to this size a body is sent at once.</summary>
    public const long SmallBytes = 64 * 1024;

    private readonly bool _resent;
    private readonly bool _inTurn;
    private readonly MeshClock _clock;
    private AttemptCancellation? _time;
    private TimeSpan _span = Duration.NoLimit;
    private TimeSpan _rest = Duration.NoLimit;
    private MeshTime _limit = MeshTime.Never;
    private long _movedAt = MeshTime.LongAgo.Micros;

    // Written by the flow that serializes, read by the attempt at its end or when its time is over.
    private volatile UploadStream? _stream;
    private volatile bool _finished;
    private volatile bool _failed;
    private volatile bool _refused;
    private volatile bool _waited;
    private volatile bool _reading;

    private Upload(HttpContent content, bool resent, MeshClock clock)
    {
        Content = content;
        _resent = resent;
        _inTurn = RequestBody.IsReadInTurn(content);
        _clock = clock;
        IsFollowed = LengthOf(content) is not { } length || length > SmallBytes;
    }

    /// <summary>The body as the user made it.</summary>
    public HttpContent Content { get; }

    /// <summary>Whether the time of the attempt runs from the last progress: the body is large, or of unknown length.</summary>
    public bool IsFollowed { get; }

    /// <summary>Whether any of the body may have been sent.</summary>
    public bool HasBegun => _stream is not null;

    /// <summary>Whether the content is being read.</summary>
    public bool IsReading => _reading;

    /// <summary>Whether all of the body was handed to the transport.</summary>
    public bool IsFinished => _finished;

    /// <summary>Whether the body itself failed, as opposed to the endpoint or the network.</summary>
    public bool HasFailed => _failed;

    /// <summary>Whether the connection was closed while the body was written to it: the endpoint may have
    /// <see cref="Refusal.MayBe">refused</see> it. Either the write has failed, or the read of the answer noticed it first.</summary>
    /// <param name="sending">The failure of the attempt.</param>
    public bool WasCutOff(Exception sending) => !_finished
        && _stream is { } stream
        && ((stream.Failure is { } writing && Refusal.MayBe(writing)) || (sending.InnerException is { } reading && Refusal.MayBe(reading)));

    /// <summary>Whether the transport asked again for a body that can only be read once.</summary>
    public bool WasRefused => _refused;

    /// <summary>Whether the content has closed the transport's stream, which it does not own.</summary>
    public bool WasClosed => _stream is { IsClosed: true };

    /// <summary>When the transport last accepted a part of the body; <see cref="MeshTime.LongAgo"/> for not yet.</summary>
    public MeshTime MovedAt => MeshTime.Read(ref _movedAt);

    /// <summary>Whether the transport had accepted everything so far when the time was over, and more was to come: the body itself was
    /// silent.</summary>
    public bool WasWaitingForContent => _waited || IsWaitingForContent;

    private bool IsWaitingForContent => _stream is { HasFailed: false, IsWriting: false } && !_finished;

    /// <summary>The body of an attempt if it must be watched; null for no body, and for a small one in memory, which cannot fail.</summary>
    /// <remarks>The user's own handler may ask for it again: it answers challenges and follows redirects by itself. The content then
    /// decides, as without the mesh. If it is no handler of the runtime alone, its failures may be of other requests, which it sends after
    /// this one: only the body, also an empty one, then shows whether this one was sent.</remarks>
    /// <param name="request">The request of the attempt.</param>
    /// <param name="primary">The handler that gets it.</param>
    /// <param name="replayable">Whether its body can be read again.</param>
    /// <param name="repeatable">Whether it may be sent twice.</param>
    /// <param name="clock">The clock.</param>
    public static Upload? For(HttpRequestMessage request, PrimaryHandler primary, bool replayable, bool repeatable, MeshClock clock)
    {
        var content = request.Content;
        if (content is not null && !(RequestBody.IsMemory(content) && LengthOf(content) <= SmallBytes))
        {
            return new Upload(content, replayable || primary.IsOwn, clock);
        }

        return primary is { IsOwn: true, Reach.IsBare: false } && !repeatable && request.Method != HttpMethod.Connect
            ? new Upload(content ?? new ByteArrayContent([]), resent: true, clock)
            : null;
    }

    /// <summary>For a request that is not the mesh's own: only the turn of its body matters.</summary>
    public static Upload Of(HttpContent content, MeshClock clock) => new(content, resent: true, clock);

    /// <summary>Restarts the time limit of the attempt whenever the body moves.</summary>
    /// <param name="time">The attempt's cancellation.</param>
    /// <param name="span">The time limit.</param>
    /// <param name="rest">The time limit without a retry.</param>
    /// <param name="limit">The latest end in any case.</param>
    public void Follow(AttemptCancellation time, TimeSpan span, TimeSpan rest, MeshTime limit)
    {
        if (IsFollowed && span != Duration.NoLimit)
        {
            _span = span;
            _rest = rest;
            _limit = limit;
            _time = time;
        }
    }

    /// <summary>The time of the attempt is over, and its token is about to be cancelled.</summary>
    public void NoteTimeOver() => _waited = IsWaitingForContent;

    public void CopyHeaders(System.Net.Http.Headers.HttpContentHeaders to)
    {
        foreach (var header in Content.Headers.NonValidated)
        {
            // As the user has written them: they go where the body goes.
#pragma warning disable RS0030
            to.TryAddWithoutValidation(header.Key, header.Value);
#pragma warning restore RS0030
        }
    }

    public bool TryGetLength(out long length)
    {
        long? known;
        try
        {
            known = Content.Headers.ContentLength;
        }
        catch (Exception)
        {
            _failed = true;
            throw;
        }

        length = known ?? 0;
        return known is not null;
    }

    public async Task SendAsync(Stream transport, TransportContext? context, CancellationToken cancellationToken)
    {
        var stream = Begin(transport);
        try
        {
            await Content.CopyToAsync(stream, context, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception)
        {
            Fail(stream, cancellationToken);
            throw;
        }
        finally
        {
            _reading = false;
        }

        Finish();
    }

    public void Send(Stream transport, TransportContext? context, CancellationToken cancellationToken)
    {
        var stream = Begin(transport);
        try
        {
            Content.CopyTo(stream, context, cancellationToken);
        }
        catch (Exception)
        {
            Fail(stream, cancellationToken);
            throw;
        }
        finally
        {
            _reading = false;
        }

        Finish();
    }

    /// <summary>For a user's handler that reads the body itself: it gets a copy, so that a further attempt can read all of it again. It
    /// counts as begun: the handler may send what it has read.</summary>
    public async Task<Stream> ReadAsync(CancellationToken cancellationToken)
    {
        var copy = new MemoryStream();
        await SendAsync(copy, null, cancellationToken).ConfigureAwait(false);
        copy.Position = 0;
        return copy;
    }

    public Stream Read(CancellationToken cancellationToken)
    {
        var copy = new MemoryStream();
        Send(copy, null, cancellationToken);
        copy.Position = 0;
        return copy;
    }

    /// <summary>A part was accepted.</summary>
    public void Moved()
    {
        var now = _clock.Now;
        MeshTime.Write(ref _movedAt, now);
        var left = _limit - now;
        _time?.Extend(Duration.Min(_span, left), Duration.Min(_rest, left));
    }

    private static long? LengthOf(HttpContent content)
    {
        try
        {
            return content.Headers.ContentLength;
        }
        catch (Exception)
        {
            // Disposed, or a length that throws: the transport will meet the same error, within the attempt.
            return null;
        }
    }

    private UploadStream Begin(Stream transport)
    {
        // The runtime itself resends a request that the server has not processed, even if its body cannot be read again.
        if (_stream is not null && !_resent)
        {
            _refused = true;
            throw new HttpRequestException("The server did not process the request after its body was begun, and this body can be read "
                + "only once.");
        }

        _reading = true;
        if (_inTurn)
        {
            TakeTurn();
        }

        _finished = false;
        return _stream = new UploadStream(transport, this);
    }

    private void TakeTurn()
    {
        Interlocked.MemoryBarrier();
        if (!BodyTurn.TryTake(Content, this))
        {
            _reading = false;
            _failed = true;
            throw new HttpRequestException("The body is being read by another send of the same message, and its stream has only one "
                + "position. Send it again when the first send has ended, or send a body in memory.");
        }
    }

    private void Fail(UploadStream stream, CancellationToken cancellationToken)
    {
        if (!stream.HasFailed && !cancellationToken.IsCancellationRequested)
        {
            _failed = true;
        }
    }

    private void Finish()
    {
        _finished = true;
        Moved();
    }
}
