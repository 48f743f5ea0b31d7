using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Transport;

/// <summary>How long the connections of one endpoint may take. If a thousand are opened at once, they wait for the processors of both
/// sides, for seconds with TLS, and none of them is lost. A connection is abandoned if it has received nothing for the whole time, and no
/// connection begun before it has come through meanwhile.</summary>
/// <remarks>
/// A later connection that comes through proves the opposite: this one was overtaken. So a single lost connection ends in time among others
/// that succeed. Time in which this process did not run does not count.
/// </remarks>
internal sealed class ConnectProgress(TimeSpan timeout, TimeProvider time)
{
    /// <summary>How many parts the time is counted in. A part that ends late, because this process did not run, counts once.</summary>
    private const int Parts = 4;

    /// <summary>How many of the last successful connections are remembered. Those of a burst began at about the same moment, so a few
    /// represent all.</summary>
    private const int Memory = 32;

    private static readonly TimeSpan MinTime = TimeSpan.FromMilliseconds(1);

    // Guards the two fields below. Taken once per connection, never per call.
    private readonly Lock _gate = new();
    private readonly List<Passage> _passages = [];
    private int _next;

    private TimeProvider Time => time;

    // Timers have whole milliseconds; a timer of zero fires at once.
    private TimeSpan Part => timeout < MinTime * Parts ? MinTime : timeout / Parts;

    /// <param name="giveUp">Ends the connection; called at most once, and not after the wait was disposed of.</param>
    /// <param name="hasHeard">Whether bytes have arrived that this process had no time to read yet.</param>
    public Wait Begin(Action giveUp, Func<bool>? hasHeard = null) => new(this, giveUp, hasHeard);

    private void Add(Passage passage)
    {
        lock (_gate)
        {
            if (_passages.Count < Memory)
            {
                _passages.Add(passage);
                return;
            }

            _passages[_next] = passage;
            _next = (_next + 1) % Memory;
        }
    }

    /// <summary>Whether a connection begun before this one has come through since then. Servers do not serve strictly in order, so
    /// connections begun during the first half of its wait count as well.</summary>
    private bool HasMoved(long begun, long since)
    {
        var latest = begun + ((time.GetTimestamp() - begun) / 2);
        lock (_gate)
        {
            foreach (var passage in _passages)
            {
                if (passage.Done >= since && passage.Begun <= latest)
                {
                    return true;
                }
            }

            return false;
        }
    }

    private readonly record struct Passage(long Begun, long Done);

    /// <summary>The wait for one connection.</summary>
    public sealed class Wait : IDisposable
    {
        private readonly ConnectProgress _progress;
        private readonly Action _giveUp;
        private readonly Func<bool>? _hasHeard;
        private readonly long _begun;
        private readonly ITimer _timer;

        // Guards the fields below: the connection may come through while the timer abandons it.
        private readonly Lock _gate = new();
        private long _part;
        private int _silentParts;
        private State _state;

        public Wait(ConnectProgress progress, Action giveUp, Func<bool>? hasHeard)
        {
            _progress = progress;
            _giveUp = giveUp;
            _hasHeard = hasHeard;
            _part = _begun = progress.Time.GetTimestamp();
            _timer = progress.Time.CreateUnboundTimer(
                static wait => ((Wait)wait!).EndPart(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(progress.Part, Timeout.InfiniteTimeSpan);
        }

        private enum State
        {
            Waiting,
            GivenUp,
            Ended,
        }

        public bool IsGivenUp
        {
            get
            {
                lock (_gate)
                {
                    return _state == State.GivenUp;
                }
            }
        }

        /// <summary>The connection came through; that shows progress to those begun after it.</summary>
        public void Pass()
        {
            if (TryEnd())
            {
                _progress.Add(new Passage(_begun, _progress.Time.GetTimestamp()));
            }
        }

        public void Dispose() => TryEnd();

        private bool TryEnd()
        {
            lock (_gate)
            {
                if (_state != State.Waiting)
                {
                    return false;
                }

                _state = State.Ended;
            }

            _timer.Dispose();
            return true;
        }

        private void EndPart()
        {
            lock (_gate)
            {
                if (_state != State.Waiting)
                {
                    return;
                }

                _silentParts = _progress.HasMoved(_begun, _part) || _hasHeard?.Invoke() == true ? 0 : _silentParts + 1;
                _part = _progress.Time.GetTimestamp();
                if (_silentParts < Parts)
                {
                    _timer.Change(_progress.Part, Timeout.InfiniteTimeSpan);
                    return;
                }

                _state = State.GivenUp;
            }

            _timer.Dispose();
            _giveUp();
        }
    }
}
