namespace Mesh.Client.Options;

/// <summary>Settings that count more than those of <c>Mesh:Defaults</c> and <c>Mesh:Services</c>, of a control plane and of changes at run
/// time.</summary>
/// <remarks>For the place that has the last word: an environment variable or a file beside the application that undoes what is said
/// elsewhere. What is said of a service counts more than what is said here of all.</remarks>
public sealed class OverrideOptions
{
    /// <summary>For all services.</summary>
    public ServiceOptions Defaults { get; set; } = new();

    /// <summary>By service name. A host listed here is a service, even if it looks like a DNS name.</summary>
    /// <value>Default none.</value>
    public IDictionary<string, ServiceOptions> Services { get; set; } = new Dictionary<string, ServiceOptions>(
        StringComparer.OrdinalIgnoreCase);
}
