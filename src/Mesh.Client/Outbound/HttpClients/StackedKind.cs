namespace Mesh.Client.Outbound.HttpClients;

/// <summary>Which package a handler is from that does the mesh's work a second time.</summary>
internal enum StackedKind
{
    Resilience,
    Polly,
    ServiceDiscovery,
    Steeltoe,
}
