using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Endpoints;

/// <summary>This process's measurements of one endpoint: requests in flight, latency and success. Lock-free; a sample lost in a race does
/// no harm.</summary>
/// <remarks>Constants and formulas: the local form of the C3 cost (NSDI 2015) with a success factor; times in milliseconds.</remarks>
internal sealed partial class EndpointLoad
{
    /// <summary>An average follows at least this share of each sample, and all of it when the previous sample is much older than the
    /// window.</summary>
    private const float MinimumWeight = 0.1f;
    private const float LatencyWindowMs = 2_000;
    private const float SuccessRecoveryMs = 5_000;

    /// <summary>Who gives up sooner has learned nothing of the endpoint.</summary>
    private const float SilenceMs = 100;
    private const float FailureFactor = 0.5f;
    private const float OverloadFactor = 0.8f;
    private const float SuccessStep = 0.1f;

    /// <summary>Below this, an endpoint has failed lately: one failure in a hundred answers does not keep it there for long.</summary>
    private const float SoundSuccess = 0.95f;

    /// <summary>Success is below this when about half of the answers are failures, or two thirds are refusals by overload.</summary>
    private const float HopelessSuccess = 0.2f;

    /// <summary>A rare sample, from a retest, has more weight.</summary>
    private const float RetestStep = 0.25f;

    /// <summary>How long slow start takes: 5 s.</summary>
    private const long RampMicros = 5_000_000;

    /// <summary>The ages of streams are counted in quarters of a second, 2^18 µs: their sum fits into 32 bits.</summary>
    private const int StreamUnit = 18;

    private int _inFlight;
    private int _streams;
    private int _openEnded;
    private int _openEndedSince;

    // Microseconds of the clock: a sum of times, and one.
    private long _startSum;
    private long _rampFrom;

    private int _retests;
    private PackedAverage _latency;
    private PackedAverage _success = new(1f, 0);

    /// <param name="now">The ramp of slow start begins here.</param>
    public EndpointLoad(MeshTime now) => _rampFrom = now.Micros;

    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Whether there is a latency sample yet.</summary>
    public bool HasLatency => !_latency.IsEmpty;

    /// <summary>The latency average in milliseconds, 0 before the first sample.</summary>
    public float Latency => _latency.Read(out _);

    public float LatencyAt(out uint stamp) => _latency.Read(out stamp);

    /// <summary>The number of consecutive retests, because it was slow or had failed, since a retest last succeeded.</summary>
    public int Retests => Volatile.Read(ref _retests);

    /// <summary>When slow start began.</summary>
    public MeshTime RampFrom => MeshTime.Read(ref _rampFrom);

    /// <summary>Whether slow start goes on. Reckoned on the field: a balancer asks it of each candidate.</summary>
    /// <param name="now">When it is asked.</param>
    /// <param name="done">How much of it is done, up to 1.</param>
    public bool IsRamping(MeshTime now, out float done)
    {
        var age = now.Micros - Volatile.Read(ref _rampFrom);
        if (age >= RampMicros)
        {
            done = 1f;
            return false;
        }

        done = (float)age / RampMicros;
        return true;
    }

    /// <summary>Restarts slow start, with some of it already done: the endpoint was known before.</summary>
    public void Readmit(MeshTime now, TimeSpan credit)
    {
        MeshTime.Write(ref _rampFrom, now - credit);
        _success.Write(1f, now.Stamp);
    }

    /// <summary>Counts a retest of a slow or failing endpoint; any other pick ends the series. Two racing threads may count once, which
    /// does no harm.</summary>
    public void Chosen(bool suspect)
    {
        var retests = Volatile.Read(ref _retests);
        if (suspect || retests != 0)
        {
            Volatile.Write(ref _retests, suspect ? retests + 1 : 0);
        }
    }

    public void Enter(MeshTime now)
    {
        Interlocked.Increment(ref _inFlight);
        Interlocked.Add(ref _startSum, now.Micros);
    }

    public void Exit(MeshTime start)
    {
        Interlocked.Add(ref _startSum, -start.Micros);
        Interlocked.Decrement(ref _inFlight);
    }

    /// <summary>The answer has begun and continues: still in flight, but the caller no longer waits for it. The duration of a download or
    /// an event stream says nothing about the endpoint.</summary>
    /// <param name="start">When the attempt began.</param>
    /// <param name="now">When its answer began.</param>
    /// <param name="openEnded">Whether it may be silent for any time, as event streams and gRPC may.</param>
    public void Answered(MeshTime start, MeshTime now, bool openEnded)
    {
        Interlocked.Add(ref _startSum, -start.Micros);
        Interlocked.Increment(ref _streams);
        if (openEnded)
        {
            Interlocked.Add(ref _openEndedSince, StreamStamp(now));
            Interlocked.Increment(ref _openEnded);
        }
    }

    /// <param name="answered">The time given to <see cref="Answered"/>.</param>
    /// <param name="openEnded">As for <see cref="Answered"/>.</param>
    public void ExitAnswered(MeshTime answered, bool openEnded)
    {
        if (openEnded)
        {
            Interlocked.Decrement(ref _openEnded);
            Interlocked.Add(ref _openEndedSince, -StreamStamp(answered));
        }

        Interlocked.Decrement(ref _streams);
        Interlocked.Decrement(ref _inFlight);
    }

    /// <summary>The number of open-ended streams.</summary>
    public int OpenEnded => Math.Max(0, Volatile.Read(ref _openEnded));

    /// <summary>The requests in flight that keep it busy: all except open-ended streams that are no longer young. A stream older than ten
    /// seconds is mostly silent, and does not delay other calls.</summary>
    public int Busy(MeshTime now)
    {
        var inFlight = InFlight;
        var open = OpenEnded;
        if (open == 0)
        {
            return inFlight;
        }

        // The count and the sum are two words: read between two writes, a mean can be wrong for one pick.
        var ages = (uint)unchecked((open * StreamStamp(now)) - Volatile.Read(ref _openEndedSince));
        var mean = ages * ((1 << StreamUnit) / 1e6f) / open;
        return Math.Max(0, inFlight - open + (int)MathF.Round(open / (1f + (mean * mean))));
    }

    /// <summary>The mean age of the requests in flight that have no answer yet, in milliseconds.</summary>
    public float MeanAge(MeshTime now)
    {
        var waiting = InFlight - Volatile.Read(ref _streams);
        if (waiting <= 0)
        {
            return 0f;
        }

        // Counts and sum are several words: read between two writes they can disagree for a moment, hence the bound.
        var age = now.Micros - (Volatile.Read(ref _startSum) / waiting);
        return age > 0 ? Math.Min(age / 1000f, 3_600_000f) : 0f;
    }

    /// <summary>Recent success from 0 to 1; failures fade while the endpoint is idle, so that it is tried again.</summary>
    public float Success(MeshTime now) => Success(now, out _);

    /// <summary>Whether this success is that of an endpoint that has failed lately.</summary>
    public static bool HasFailed(float success) => success < SoundSuccess;

    /// <summary>Recent success, and whether the endpoint mostly fails. The latter does not fade: only an answer shows that it has
    /// recovered.</summary>
    public float Success(MeshTime now, out bool hopeless)
    {
        var value = _success.Read(out var stamp);
        hopeless = value < HopelessSuccess;
        if (value >= 0.999f)
        {
            return 1f;
        }

        var idle = MeshTime.ElapsedMs(now.Stamp, stamp);
        return value + ((1f - value) * (1f - Decay(idle / SuccessRecoveryMs)) / 2f);
    }

    /// <summary>Milliseconds since the last failure, or the last success that mattered: quick failures give no latency.</summary>
    /// <param name="stamp">The present <see cref="MeshTime.Stamp"/>.</param>
    public uint SinceJudged(uint stamp)
    {
        _success.Read(out var judged);
        return MeshTime.ElapsedMs(stamp, judged);
    }

    public void ObserveLatency(MeshTime now, float milliseconds)
    {
        var stamp = now.Stamp;
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var empty = _latency.IsEmpty;
            var old = _latency.Read(out var oldStamp);

            // A successful retest overrules the samples that made the endpoint slow.
            var weight = empty || (milliseconds < old && Retests != 0)
                ? 1f
                : Math.Max(MinimumWeight, 1f - Decay(MeshTime.ElapsedMs(stamp, oldStamp) / LatencyWindowMs));
            var value = old + (weight * (milliseconds - old));
            if (_latency.TryReplace(old, oldStamp, Math.Max(value, 0.001f), stamp))
            {
                return;
            }
        }
    }

    /// <summary>A cancelled attempt only shows that the answer would have taken longer than this.</summary>
    public void ObserveAtLeast(MeshTime now, float milliseconds)
    {
        // The first sample must be an answer: otherwise a new endpoint that fails at once would look like the fastest of all.
        var old = _latency.Read(out var oldStamp);
        if (old > 0 && milliseconds > old)
        {
            _latency.TryReplace(old, oldStamp, old + (0.3f * (milliseconds - old)), now.Stamp);
        }
    }

    /// <summary>The caller gave an attempt up: the answer would have taken longer than this. Unlike a failure it may be the first that is
    /// known, if it was a silence: otherwise an endpoint that hangs from the beginning would count as average for good.</summary>
    public void ObserveSilence(MeshTime now, float milliseconds)
    {
        if (milliseconds >= SilenceMs && _latency.Read(out var stamp) is var old and <= 0)
        {
            _latency.TryReplace(old, stamp, milliseconds, now.Stamp);
        }
        else
        {
            ObserveAtLeast(now, milliseconds);
        }
    }

    public void ObserveSuccess(MeshTime now)
    {
        var old = _success.Read(out var stamp);
        if (old < 0.999f)
        {
            var retests = Retests;
            _success.TryReplace(old, stamp, old + ((retests == 0 ? SuccessStep : RetestStep) * (1f - old)), now.Stamp);
            if (retests > 1 && HasFailed(old))
            {
                // It has recovered. Doubling the wait for its next retest would keep it idle for minutes.
                Volatile.Write(ref _retests, 1);
            }
        }
    }

    public void ObserveFailure(MeshTime now, bool overloaded)
    {
        var old = _success.Read(out var stamp);
        _success.TryReplace(old, stamp, old * (overloaded ? OverloadFactor : FailureFactor), now.Stamp);
    }

    /// <summary>Approximates e^-x within a few percent: monotonically falling, which is all that the averages need.</summary>
    public static float Decay(float x) => 1f / (1f + x + (x * x / 2f));

    private static int StreamStamp(MeshTime now) => unchecked((int)(now.Micros >> StreamUnit));
}
