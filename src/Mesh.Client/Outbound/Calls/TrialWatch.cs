using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>Watches a trial after its successful headers until its result is known.</summary>
internal sealed class TrialWatch
{
    /// <summary>A body that has flowed for this long is good enough.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    private readonly StreamedContent _content;
    private ITimer? _timer;
    private int _settled;

    private TrialWatch(StreamedContent content) => _content = content;

    public static TrialWatch Start(StreamedContent content, TimeProvider time)
    {
        var watch = new TrialWatch(content);

        // Without the caller's context: the body may outlive it.
        var timer = time.CreateUnboundTimer(
            static state => ((TrialWatch)state!)._content.DecideTrial((TrialWatch)state, Step), watch, Step, Step);
        Volatile.Write(ref watch._timer, timer);

        return watch;
    }

    /// <summary>True for the side that decides: the timer, or the end of the body.</summary>
    public bool Settle()
    {
        if (Interlocked.Exchange(ref _settled, 1) != 0)
        {
            return false;
        }

        Volatile.Read(ref _timer)?.Dispose();
        return true;
    }
}
