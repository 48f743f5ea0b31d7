namespace Mesh.Client.Options;

/// <summary>The data centre that a registration names.</summary>
public sealed class EurekaDataCenterOptions
{
    /// <summary>Which data centre.</summary>
    /// <value>Default <see cref="EurekaDataCenter.MyOwn"/>.</value>
    public EurekaDataCenter? Name { get; set; }

    /// <summary>Facts about the machine, for <see cref="EurekaDataCenter.Amazon"/>: <c>instance-id</c>, <c>availability-zone</c>,
    /// <c>ami-id</c>, …</summary>
    /// <value>Default none. Amazon's metadata service is not queried.</value>
    public IDictionary<string, string> Metadata { get; set; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
