namespace Storefront.Scenes;

/// <summary>Which scenes are played, and how long.</summary>
internal static class ScenePlan
{
    /// <summary>Below this the restarts, which take the time they take, would leave nothing for the rest.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(40);

    public static readonly TimeSpan Usual = TimeSpan.FromSeconds(60);

    // Five times two seconds of draining and about two of a start.
    private static readonly TimeSpan ShortestRestart = TimeSpan.FromSeconds(22);

    public static IReadOnlyList<Scene> For(TimeSpan duration)
    {
        var restart = TimeSpan.FromTicks(Math.Max(ShortestRestart.Ticks, (duration * 0.4).Ticks));
        var rest = duration - restart;
        return
        [
            new SteadyScene(rest * 0.20),
            new KillScene(rest * 0.34),
            new SlowScene(rest * 0.23),
            new FailingScene(rest * 0.23),
            new RollingRestartScene(restart),
        ];
    }
}
