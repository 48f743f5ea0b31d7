namespace Mesh.Client.Options;

/// <summary>Additional context that calls pass on from service to service.</summary>
public sealed class ContextOptions
{
    /// <summary>Keys of baggage that are passed on to services of the mesh.</summary>
    /// <value>Default none: no baggage is passed on. At most 2 KiB are sent in total.</value>
    public IList<string> Baggage { get; set; } = [];
}
