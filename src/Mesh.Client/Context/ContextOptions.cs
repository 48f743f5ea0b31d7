namespace Mesh.Client;

/// <summary>What travels with calls from service to service, beyond what always does.</summary>
public sealed class ContextOptions
{
    /// <summary>The keys of baggage that go on to services of the mesh.</summary>
    /// <value>Default none: the rest of the baggage stays here. Together at most 2 KiB are sent.</value>
    public IList<string> Baggage { get; set; } = [];
}
