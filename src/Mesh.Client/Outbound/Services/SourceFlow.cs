namespace Mesh.Client.Outbound.Services;

/// <summary>Marks the flow of control in which a source runs. A call in it must not wait for the sources: the answer of its own source
/// comes after the call.</summary>
internal static class SourceFlow
{
    private static readonly AsyncLocal<bool> Slot = new();

    /// <summary>Whether a source runs here. Asked only by a call that would otherwise wait.</summary>
    public static bool IsCurrent => Slot.Value;

    /// <summary>Marks the flow of the asynchronous method that calls this, to its end.</summary>
    public static void Enter() => Slot.Value = true;
}
