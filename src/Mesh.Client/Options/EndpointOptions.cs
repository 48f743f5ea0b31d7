namespace Mesh.Client.Options;

/// <summary>One configured endpoint. A string with its address is a short form.</summary>
public sealed class EndpointOptions
{
    /// <summary>The address of the endpoint.</summary>
    /// <value>An absolute <c>http</c> or <c>https</c> address without query, fragment or user name. Required, and unique in its service. A
    /// path becomes the base path of every request.</value>
    public string Address { get; set; } = string.Empty;

    /// <summary>Whether a DNS name with several addresses is one endpoint or several.</summary>
    /// <value>Default <see cref="AddressResolution.Once"/>: one endpoint. With <see cref="AddressResolution.Each"/> every address is an
    /// endpoint of its own, with this zone and these labels; the name is resolved every 30 s.</value>
    public AddressResolution? Resolve { get; set; }

    /// <summary>TLS port of the same instance, beside a plain <see cref="Address"/>; 0 for none.</summary>
    internal int SecurePort { get; set; }

    /// <summary>The zone of the endpoint.</summary>
    /// <value>Default none.</value>
    public string? Zone { get; set; }

    /// <summary>Labels of the endpoint, like the metadata in a registry: <c>priority</c> (0 to 127, 0 is used first), <c>weight</c> (0 to
    /// 1,000,000, for the policy <c>WeightedRoundRobin</c>), and any others.</summary>
    /// <value>Default none.</value>
    public IDictionary<string, string> Labels { get; set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Creates an endpoint from its address; all other settings keep their defaults.</summary>
    /// <param name="address">See <see cref="Address"/>.</param>
    public static implicit operator EndpointOptions(string address) => FromString(address);

    /// <summary>Creates an endpoint from its address; all other settings keep their defaults.</summary>
    /// <param name="address">See <see cref="Address"/>.</param>
    public static EndpointOptions FromString(string address) => new() { Address = address };
}
