using Mesh.Client.Balancing;

namespace Mesh.Client.Discovery.Eureka;

/// <summary>How long the loops wait. Jitter keeps the instances of a service from asking the registry in step.</summary>
internal static class Pace
{
    /// <summary>The interval, a tenth more or less.</summary>
    public static TimeSpan Next(TimeSpan interval, IRandomSource random) => interval * (0.9 + (0.2 * random.NextDouble()));

    /// <summary>After failures: 1 s, 2 s, 4 s, … but never longer than the interval, of which at least half is waited.</summary>
    public static TimeSpan AfterFailure(int failures, TimeSpan interval, IRandomSource random)
    {
        var grown = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(failures - 1, 16)));
        return (grown < interval ? grown : interval) * (0.5 + (0.5 * random.NextDouble()));
    }

    /// <summary>Before registering again after a 404: up to 2 s, so that a restarted registry is not stormed; less where heartbeats are faster.</summary>
    public static TimeSpan BeforeRegisteringAgain(TimeSpan heartbeat, IRandomSource random)
    {
        var longest = heartbeat / 2 < TimeSpan.FromSeconds(2) ? heartbeat / 2 : TimeSpan.FromSeconds(2);
        return longest * random.NextDouble();
    }
}
