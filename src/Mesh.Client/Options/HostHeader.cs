namespace Mesh.Client;

/// <summary>Which host name a request to an endpoint carries in <c>Host</c> (and, on TLS, in SNI).</summary>
public enum HostHeader
{
    /// <summary>A configured endpoint with a DNS name: that name. An endpoint given by address, or found by a registry: the service's name
    /// on plain HTTP, and on TLS the name that the registry declares.</summary>
    Auto,

    /// <summary>Always the service's name, as written in the request.</summary>
    Service,

    /// <summary>Always the endpoint's own host and port.</summary>
    Endpoint,
}
