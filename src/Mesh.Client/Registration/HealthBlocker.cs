namespace Mesh.Client.Registration;

/// <summary>The unhealthy checks of one round.</summary>
/// <param name="Key">Equal for rounds that have no news: the same checks, unhealthy for reasons of the same kind. The text of a reason may
/// have a figure that changes each time.</param>
/// <param name="Text">The checks for people, each with its reason.</param>
internal sealed record HealthBlocker(string Key, string Text)
{
    public static HealthBlocker Of(IReadOnlyCollection<(string Check, HealthFault Fault)> unhealthy) => new(
        string.Join('\n', unhealthy.Select(static one => $"{one.Check} {one.Fault.Kind}")),
        string.Join(", ", unhealthy.Select(static one => one.Fault.Reason is { } why ? $"{one.Check} ({why})" : one.Check)));
}
