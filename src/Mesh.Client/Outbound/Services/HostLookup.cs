namespace Mesh.Client.Outbound.Services;

/// <summary>What a host of a request is to the mesh.</summary>
internal enum HostLookup
{
    /// <summary>A service.</summary>
    Service,

    /// <summary>Not ours; it goes out as if there were no mesh.</summary>
    External,

    /// <summary>A single-label host that no source has ever named: passed on, with a better error should DNS not know it either.</summary>
    Unlisted,

    /// <summary>It looks like a service, and a source has not answered yet.</summary>
    Undecided,

    /// <summary>Called as <c>mesh://</c>, and no such service.</summary>
    Unknown,

    /// <summary>A source lists it, but names more services than are taken.</summary>
    Refused,

    /// <summary>A host with a dot, which a source knows as a service and the configuration does not: passed on, with a better error should
    /// DNS not know it.</summary>
    Dotted,
}
