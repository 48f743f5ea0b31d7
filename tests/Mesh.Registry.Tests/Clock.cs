using Microsoft.Extensions.Time.Testing;

namespace Mesh.Registry.Tests;

internal static class Clock
{
    /// <summary>Starts when the exchanges were recorded, so that their timestamps are neither old nor in the future.</summary>
    public static FakeTimeProvider Create() => new(new DateTimeOffset(2026, 11, 23, 6, 32, 54, TimeSpan.Zero));
}
