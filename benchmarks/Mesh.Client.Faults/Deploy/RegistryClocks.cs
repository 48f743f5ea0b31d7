namespace Mesh.Client.Faults.Deploy;

/// <summary>How fast news travels through the registry.</summary>
internal enum RegistryClocks
{
    /// <summary>Fetches and heartbeats every second, a lease of three seconds, evictions every second, no cache.</summary>
    Fast,

    /// <summary>What a Netflix server and its clients do unless told otherwise: the server caches its answers for 30 s, fetches and
    /// heartbeats every 30 s, a lease of 90 s, evictions every 60 s.</summary>
    Stock,
}
