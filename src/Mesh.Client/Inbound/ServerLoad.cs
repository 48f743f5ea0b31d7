using Mesh.Client.Model;
using Mesh.Client.Primitives;

namespace Mesh.Client.Inbound;

/// <summary>The load of this server, for the callers that balance by it.</summary>
internal sealed class ServerLoad(MeshClock clock)
{
    private const float Weight = 0.1f;

    private int _inFlight;
    private float _serviceMs;
    private Written? _written;

    /// <summary>The header value for callers; null before the first answer.</summary>
    public string? HeaderValue
    {
        get
        {
            var ms = Volatile.Read(ref _serviceMs);
            if (ms == 0)
            {
                return null;
            }

            // Rounded, so that a few texts are reused.
            var report = new LoadReport(Volatile.Read(ref _inFlight), ms < 10 ? MathF.Max(0.1f, MathF.Round(ms, 1)) : MathF.Round(ms));
            var written = Volatile.Read(ref _written);
            if (written is null || written.Report != report)
            {
                Volatile.Write(ref _written, written = new Written(report, report.ToString()));
            }

            return written.Text;
        }
    }

    /// <summary>A request arrives.</summary>
    /// <returns>The time of arrival.</returns>
    public MeshTime Begin() => Begin(clock.Now);

    /// <inheritdoc cref="Begin()"/>
    public MeshTime Begin(MeshTime now)
    {
        Interlocked.Increment(ref _inFlight);
        return now;
    }

    /// <summary>Its answer begins.</summary>
    /// <param name="start">From <see cref="Begin()"/>.</param>
    /// <param name="counts">Whether it counts for the service time.</param>
    public void End(MeshTime start, bool counts)
    {
        Interlocked.Decrement(ref _inFlight);
        if (counts)
        {
            var ms = Math.Max((clock.Now - start).InMilliseconds(), 0.01f);
            var old = Volatile.Read(ref _serviceMs);
            Volatile.Write(ref _serviceMs, old == 0 ? ms : old + (Weight * (ms - old)));
        }
    }

    private sealed record Written(LoadReport Report, string Text);
}
