namespace Mesh.Client.Simulation.Scenarios;

/// <summary>What goes wrong with some servers, and when. Times in milliseconds.</summary>
internal abstract record Fault
{
    public required double At { get; init; }

    public double Until { get; init; } = double.MaxValue;
}

/// <summary>Some servers work at a fraction of their speed.</summary>
internal sealed record Slow(int Count, double Factor) : Fault;

/// <summary>Some servers answer a share of the requests with an error, 500 unless it says otherwise,
/// after a moment, without doing any work.</summary>
internal sealed record FastFail(int Count, double Probability, double LatencyMs, WrongAnswer Answer = WrongAnswer.Error) : Fault;

/// <summary>Connections to some servers time out.</summary>
internal sealed record Dead(int Count) : Fault;

/// <summary>A share of the servers refuses connections.</summary>
internal sealed record Outage(double Fraction) : Fault;

/// <summary>Every period another random share of the servers is slow.</summary>
internal sealed record Antagonist(double Fraction, double Factor, double PeriodMs) : Fault;

/// <summary>Each server stands still now and then.</summary>
internal sealed record Pauses(double MeanIntervalMs, double PauseMs) : Fault;

/// <summary>All servers are restarted, a few at a time. The registry notices late; a restarted server is cold for a while.</summary>
internal sealed record Rolling(
    int Batch, double StepMs, double StaleMs, double DownMs, double VisibleAfterMs, double ColdMs, double ColdFactor) : Fault;
