namespace Mesh.Client.Model;

/// <summary>The texts of an endpoint, kept by its source in a smaller form and built on demand: few of thousands are ever called.</summary>
internal interface IEndpointNames
{
    /// <summary>The source's own name for it.</summary>
    string Id { get; }

    string? HostName { get; }

    string? IPAddress { get; }
}
