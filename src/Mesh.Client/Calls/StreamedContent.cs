using System.Net;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Calls;

/// <summary>A response body that keeps its endpoint "in flight" until its end, and ends itself when no byte comes for too long.</summary>
internal sealed class StreamedContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly Lease _lease;
    private readonly MeshClock _clock;
    private readonly TimeSpan _idleTimeout;
    private readonly AttemptCancellation? _sending;
    private int _ended;

    /// <param name="inner">The body as the transport made it.</param>
    /// <param name="lease">Ended with the body.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="idleTimeout">How long the body may be silent.</param>
    /// <param name="sending">The cancellation of a request body that is still being sent: given back with the end.</param>
    public StreamedContent(HttpContent inner, in Lease lease, MeshClock clock, TimeSpan idleTimeout, AttemptCancellation? sending)
    {
        _sending = sending;
        _inner = inner;
        _lease = lease;
        lease.Answered();
        _clock = clock;
        _idleTimeout = idleTimeout;
        foreach (var header in inner.Headers.NonValidated)
        {
            // They came from the transport, which has parsed them: copied as they are.
#pragma warning disable RS0030
            Headers.TryAddWithoutValidation(header.Key, header.Value);
#pragma warning restore RS0030
        }
    }

    /// <summary>The last resort for a response that nobody disposed of: its endpoint must not look busy for ever.</summary>
    ~StreamedContent() => Leave();

    /// <summary>Ends the lease. Several ends may meet (last byte, error, disposal): the first counts.</summary>
    public void End(bool broken)
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
        if (broken && _sending?.Upload is not { HasFailed: true })
        {
            _lease.RecordBrokenBody(_clock.Now);
        }

        _lease.ExitAnswered();
        _sending?.Return();
    }

    /// <summary>Only what lives as long as the process is touched here: the collector may have taken the rest.</summary>
    private void Leave()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            _lease.ExitAnswered();
        }
    }

    protected override async Task<Stream> CreateContentReadStreamAsync() =>
        Wrap(await _inner.ReadAsStreamAsync().ConfigureAwait(false));

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        Wrap(await _inner.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => Wrap(_inner.ReadAsStream(cancellationToken));

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var body = await CreateContentReadStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            await body.CopyToAsync(stream, cancellationToken).ConfigureAwait(false);
        }
    }

    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        using var body = CreateContentReadStream(cancellationToken);
        body.CopyTo(stream);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _inner.Headers.ContentLength ?? 0;
        return _inner.Headers.ContentLength is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            End(broken: false);
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private StreamedBody Wrap(Stream stream) => new(stream, this, _clock.TimeProvider, _idleTimeout, _lease);
}
