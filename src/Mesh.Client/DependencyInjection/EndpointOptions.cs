namespace Mesh.Client;

/// <summary>One endpoint that is written down instead of discovered. Its address alone may stand for it.</summary>
public sealed class EndpointOptions
{
    /// <summary>Where it is.</summary>
    /// <value>An absolute <c>http</c> or <c>https</c> address without query, fragment or user name, each once in a service; a path becomes the base path of every request.</value>
    public string Address { get; set; } = string.Empty;

    /// <summary>What a DNS name with several addresses stands for.</summary>
    /// <value>Default <see cref="AddressResolution.Once"/>: one endpoint. With <see cref="AddressResolution.Each"/> every address is an endpoint of its own, with this
    /// zone and these labels; the name is resolved every 30 s.</value>
    public AddressResolution? Resolve { get; set; }

    /// <summary>Where the same instance speaks TLS, beside a plain <see cref="Address"/>; 0 for nowhere.</summary>
    internal int SecurePort { get; set; }

    /// <summary>The zone it runs in.</summary>
    /// <value>Default none.</value>
    public string? Zone { get; set; }

    /// <summary>Its labels, as a registry has them as metadata: <c>priority</c> (0 to 127, 0 is used first), <c>weight</c> (0 to 1,000,000, for the policy <c>WeightedRoundRobin</c>), and any others.</summary>
    /// <value>Default none.</value>
    public IDictionary<string, string> Labels { get; set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>An endpoint of which only the address is said.</summary>
    /// <param name="address">See <see cref="Address"/>.</param>
    public static implicit operator EndpointOptions(string address) => FromString(address);

    /// <summary>An endpoint of which only the address is said.</summary>
    /// <param name="address">See <see cref="Address"/>.</param>
    public static EndpointOptions FromString(string address) => new() { Address = address };
}
