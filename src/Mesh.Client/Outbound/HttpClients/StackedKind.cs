namespace Mesh.Client.Outbound.HttpClients;

/// <summary>The package of a handler that does the mesh's work a second time.</summary>
internal enum StackedKind
{
    Resilience,
    Polly,
    ServiceDiscovery,
    Steeltoe,
}
