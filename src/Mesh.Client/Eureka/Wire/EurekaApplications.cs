namespace Mesh.Client.Eureka.Wire;

/// <summary>A full or delta answer of a registry.</summary>
/// <param name="Hash">The registry's count of instances by status, over all of it even in a
/// delta; null where the server sends none.</param>
/// <param name="Instances">The instances listed.</param>
internal sealed record EurekaApplications(string? Hash, IReadOnlyList<EurekaInstance> Instances)
{
    /// <summary>The applications that are listed without an instance, in upper case.</summary>
    public IReadOnlyList<string> Empty { get; init; } = [];
}
