using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Transport;

/// <summary>How long the connections of one endpoint may take. A thousand that are opened at once wait for the processors of both sides,
/// for seconds with TLS, and
/// none of them is lost. One is given up when it has heard nothing for the whole time, and none that was begun before it has come through
/// meanwhile.</summary>
/// <remarks>
/// What comes through after having been begun later says the opposite: this one was overtaken. So a single lost connection ends in time
/// among
/// others that succeed. Time in which the own process did not run is not counted either.
/// </remarks>
internal sealed class ConnectProgress(TimeSpan timeout, TimeProvider time)
{
    /// <summary>How many parts the time is counted in. A part that ends late, because this process did not run, counts once.</summary>
    private const int Parts = 4;

    /// <summary>How many of the last to come through are remembered. Those of a burst were begun at about one moment, so few speak for
    /// all.</summary>
    private const int Memory = 32;

    private static readonly TimeSpan MinTime = TimeSpan.FromMilliseconds(1);

    // Guards the two below it. Taken for each connection and for none of the calls.
    private readonly Lock _gate = new();
    private readonly List<Passage> _passages = [];
    private int _next;

    private TimeProvider Time => time;

    // Timers have whole milliseconds; one of none fires at once.
    private TimeSpan Part => timeout < MinTime * Parts ? MinTime : timeout / Parts;

    /// <param name="giveUp">Ends the connection; called at most once, and not after the wait was disposed of.</param>
    /// <param name="hasHeard">Whether something has come that this process had no time to read yet.</param>
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

    /// <summary>Whether a connection has come through since then that was begun before this one. Servers do not serve strictly in turn,
    /// so those of the
    /// first half of its wait count as well.</summary>
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

        // Guards what follows: the connection may come through while the timer gives it up.
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

        /// <summary>The connection came through, which speaks for those that were begun after it.</summary>
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
