using Mesh.Client.Primitives;

namespace Mesh.Client.Tests;

/// <summary>Times of a clock that a test sets by hand.</summary>
internal static class TestTime
{
    public static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <param name="seconds">Since the beginning.</param>
    public static MeshTime At(double seconds) => default(MeshTime) + TimeSpan.FromSeconds(seconds);

    public static TimeSpan Milliseconds(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    public static TimeSpan Microseconds(long microseconds) => TimeSpan.FromMicroseconds(microseconds);
}
