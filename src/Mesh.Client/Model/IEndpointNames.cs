namespace Mesh.Client.Model;

/// <summary>The texts of an endpoint, kept by its source in a compact form and built on demand: of thousands, few are ever
/// called.</summary>
internal interface IEndpointNames
{
    /// <summary>The source's own name of the endpoint.</summary>
    string Id { get; }

    string? HostName { get; }

    string? IPAddress { get; }
}
