using Mesh.Client.Primitives;

namespace Mesh.Client.Discovery;

/// <summary>How long the loops wait. Jitter keeps the instances of a service from asking the registry in step.</summary>
internal static class PollSchedule
{
    private static readonly TimeSpan AskedSpread = TimeSpan.FromSeconds(0.5);

    /// <summary>The interval, a tenth more or less.</summary>
    public static TimeSpan Next(TimeSpan interval, IRandomSource random) => interval * (0.9 + (0.2 * random.NextDouble()));

    /// <summary>The shortest time between two fetches requested by calls, however many calls ask.</summary>
    public static readonly TimeSpan BetweenAsked = TimeSpan.FromSeconds(5);

    /// <summary>The same where calls fail for the lack of it.</summary>
    private static readonly TimeSpan BetweenNeeded = TimeSpan.FromSeconds(1);

    /// <summary>The delay of a fetch requested by calls: spread over half a second, because every caller of a dead instance finds out at
    /// the same moment; and at least 5 s (a tenth more or less) after the last fetch.</summary>
    /// <param name="since">How long ago the last fetch began.</param>
    /// <param name="random">Randomness.</param>
    public static TimeSpan WhenAsked(TimeSpan since, IRandomSource random)
    {
        var soon = AskedSpread * random.NextDouble();
        var rest = Next(BetweenAsked, random) - since;
        return rest > soon ? rest : soon;
    }

    /// <summary>The delay of a fetch without which calls fail: spread as well, and at least a second after the last one.</summary>
    /// <param name="since">How long ago the last fetch began.</param>
    /// <param name="random">Randomness.</param>
    public static TimeSpan WhenNeeded(TimeSpan since, IRandomSource random)
    {
        var soon = AskedSpread * random.NextDouble();
        var rest = Next(BetweenNeeded, random) - since;
        return rest > soon ? rest : soon;
    }

    /// <summary>After failures: 1 s, 2 s, 4 s, … up to the interval; jitter takes off half at most.</summary>
    public static TimeSpan AfterFailure(int failures, TimeSpan interval, IRandomSource random)
    {
        var grown = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(failures - 1, 16)));
        return (grown < interval ? grown : interval) * (0.5 + (0.5 * random.NextDouble()));
    }

    /// <summary>Before registering again after a 404: up to 2 s, so that the clients do not overrun a restarted registry; less where
    /// heartbeats are faster.</summary>
    public static TimeSpan BeforeRegisteringAgain(TimeSpan heartbeat, IRandomSource random)
    {
        var longest = heartbeat / 2 < TimeSpan.FromSeconds(2) ? heartbeat / 2 : TimeSpan.FromSeconds(2);
        return longest * random.NextDouble();
    }
}
