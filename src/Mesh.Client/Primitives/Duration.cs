namespace Mesh.Client.Primitives;

/// <summary>What times have in common that lie between two <see cref="MeshTime">instants</see>.</summary>
internal static class Duration
{
    /// <summary>Any time: what a setting calls <see cref="Timeout.InfiniteTimeSpan"/>. Longer than all others, so that the shorter of two
    /// is the one in force.</summary>
    public static TimeSpan NoLimit => TimeSpan.MaxValue;

    /// <summary>A setting as a duration that can be compared.</summary>
    public static TimeSpan Limit(TimeSpan setting) => setting == Timeout.InfiniteTimeSpan ? NoLimit : setting;

    public static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;

    public static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;

    public static TimeSpan Half(this TimeSpan duration) => new(duration.Ticks / 2);

    public static long WholeMicroseconds(this TimeSpan duration) => duration.Ticks / TimeSpan.TicksPerMicrosecond;

    public static long WholeMilliseconds(this TimeSpan duration) => duration.Ticks / TimeSpan.TicksPerMillisecond;

    /// <summary>For averages and costs, which are reckoned in milliseconds.</summary>
    public static float InMilliseconds(this TimeSpan duration) => duration.WholeMicroseconds() / 1000f;
}
