using System.Globalization;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Balancing;

/// <summary>When an endpoint's next turn is, and how often it has one.</summary>
internal sealed class WeightedTurn
{
    public const string LabelName = "weight";

    public const double MaxLabel = 1_000_000;

    /// <summary>With a smaller weight a turn would be so far off that the times of other turns could not be told apart there.</summary>
    private const double MinLabel = 1 / MaxLabel;

    /// <summary>An endpoint that always fails still has a turn now and then.</summary>
    private const float MinSuccess = 0.02f;

    /// <summary>How far a renewed weight follows the report. A server with more calls becomes slower, and all callers notice at the same
    /// time, but late: with a larger step they would chase each other from one endpoint to the next.</summary>
    private const double Step = 0.1;

    private const double NotYet = -1;
    private const double None = -1;

    /// <summary>Reported weights are renewed after this long.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>Reports count only after the endpoint has reported for this long, microseconds: a server that has just started is
    /// slow.</summary>
    private static readonly TimeSpan Blackout = TimeSpan.FromSeconds(2);

    private EndpointDescription? _described;
    private MeshTime _weighedAt = MeshTime.LongAgo;
    private MeshTime _reportingSince = MeshTime.Never;
    private double _speed;
    private double _at = NotYet;
    private double _label = None;

    /// <summary>The weight by label; null without one, or for an invalid one.</summary>
    public double? Label => _label == None ? null : _label;

    /// <summary>The weight by the endpoint's reports: requests per millisecond and worker. 0 for unknown.</summary>
    public double Reported { get; private set; }

    /// <summary>Updates the weights. Racing threads do the same.</summary>
    public void Weigh(Endpoint endpoint, MeshTime now)
    {
        var description = endpoint.Description;
        if (!ReferenceEquals(_described, description))
        {
            _label = Parse(description.Labels.GetValueOrDefault(LabelName));
            _described = description;
        }

        if (now - _weighedAt >= Period)
        {
            _weighedAt = now;
            Reported = Speed(endpoint.Load, now);
        }
    }

    /// <summary>The time of its last turn, at its present weight; below 0 for none. Times are in turns of an endpoint of weight
    /// 1.</summary>
    public double Last(double weight) => Volatile.Read(ref _at) - (1 / weight);

    /// <summary>The time of its next turn.</summary>
    /// <remarks>The first one is at a random time within a round, since processes that start together must not all begin with the same
    /// endpoint. Turns that it missed while it was left out are not made up for.</remarks>
    /// <param name="time">The time of the last turn in its group.</param>
    /// <param name="weight">Its present weight.</param>
    /// <param name="random">Decides the first turn.</param>
    public double Next(double time, double weight, IRandomSource random)
    {
        var at = Volatile.Read(ref _at);
        if (at == NotYet)
        {
            Interlocked.CompareExchange(ref _at, time + (random.NextDouble() / weight), NotYet);
        }
        else if (at < time - (1 / weight))
        {
            Interlocked.CompareExchange(ref _at, time, at);
        }

        return Volatile.Read(ref _at);
    }

    /// <summary>Takes the turn, unless another thread did.</summary>
    public bool TryTake(double at, double weight) => Interlocked.CompareExchange(ref _at, at + (1 / weight), at) == at;

    private double Speed(EndpointLoad load, MeshTime now)
    {
        if (!load.Reports || load.ServiceTime <= 0)
        {
            _reportingSince = MeshTime.Never;
            return _speed = 0;
        }

        if (_reportingSince.IsNever)
        {
            _reportingSince = now;
        }

        if (now - _reportingSince < Blackout)
        {
            return 0;
        }

        var speed = 1 / load.ServiceTime;
        _speed = _speed == 0 ? speed : _speed * Math.Pow(speed / _speed, Step);
        var success = Math.Max(load.Success(now), MinSuccess);
        return success * success * _speed;
    }

    private static double Parse(string? label) =>
        !double.TryParse(
            label, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var weight) || !double.IsFinite(weight) ? None
        : weight == 0 ? 0
        : Math.Clamp(weight, MinLabel, MaxLabel);
}
