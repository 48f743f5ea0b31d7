namespace Mesh.Client.Options;

/// <summary>The identity of this application: the name under which callers find it, and labels for selection.</summary>
public sealed class ServiceIdentityOptions
{
    /// <summary>The name under which callers find this application.</summary>
    /// <value>Default: <c>Eureka:Instance:AppName</c> or <c>Spring:Application:Name</c> if set, else the application name of the host.
    /// Letters, digits, <c>-</c>, <c>_</c> and <c>.</c>, at most 253.</value>
    public string? Name { get; set; }

    /// <summary>The version, published as the label <c>version</c>.</summary>
    /// <value>Default none.</value>
    public string? Version { get; set; }

    /// <summary>The zone (availability zone, rack, …) this instance runs in, published as the label <c>zone</c>.</summary>
    /// <value>Default none.</value>
    public string? Zone { get; set; }

    /// <summary>Further labels, published with the registration.</summary>
    /// <value>Default none.</value>
    public IDictionary<string, string> Labels { get; set; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
