namespace Mesh.Client.Options;

/// <summary>Which host name a request to an endpoint carries in <c>Host</c> (and, on TLS, in SNI).</summary>
public enum HostHeader
{
    /// <summary>A configured endpoint with a DNS name: this name. An endpoint with an address, or from a registry: the service's name over
    /// plain HTTP, and the name that the registry declares over TLS.</summary>
    Auto,

    /// <summary>Always the service's name, as written in the request.</summary>
    Service,

    /// <summary>Always the endpoint's own host and port.</summary>
    Endpoint,
}
