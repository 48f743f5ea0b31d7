namespace Mesh.Client.Outbound.Services;

/// <summary>What the host of a request is to the mesh.</summary>
internal enum HostLookup
{
    /// <summary>A service.</summary>
    Service,

    /// <summary>Not a service; the request is sent as without the mesh.</summary>
    External,

    /// <summary>A single-label host that no source has ever named: passed on, with a better error if DNS does not know it either.</summary>
    Unlisted,

    /// <summary>It looks like a service, and a source has not answered yet.</summary>
    Undecided,

    /// <summary>Called as <c>mesh://</c>, but not a known service.</summary>
    Unknown,

    /// <summary>Listed by a source that names more services than are accepted.</summary>
    Refused,

    /// <summary>A host with a dot that is a service to a source but not in the configuration: passed on, with a better error if DNS does
    /// not know it.</summary>
    Dotted,
}
