using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using Mesh.Client.Model;

namespace Mesh.Client;

/// <summary>One endpoint of a service, as described by its source.</summary>
public sealed record EndpointDescription
{
    // A Uri with its parts takes half a kilobyte. Endpoints of a large registry store host and port only; their Uri is built on demand.
    private readonly Uri? _address;
    private readonly IEndpointNames? _names;
    private readonly string? _instanceId;
    private readonly SpokenName? _spoken;
    private readonly int _port;
    private readonly ushort _securePort;
    private readonly int _addressHash;
    private readonly bool _isSecure;
    private readonly bool _isByAddress;
    private readonly bool _isLoopback;
    private readonly bool _hasTlsName;

    /// <summary>Creates a description; <see cref="Address"/> must be set.</summary>
    public EndpointDescription()
    {
    }

    /// <summary>Creates the description of a registered instance.</summary>
    /// <param name="names">The host is used as it is: it must be a DNS name in lower case, or an IPv4 address in the usual form.</param>
    /// <param name="host">Which host of these names is connected to.</param>
    /// <param name="byAddress">Whether that is the IP address.</param>
    /// <param name="hasTlsName">Whether certificates are checked against the host name.</param>
    /// <param name="isSecure">Whether the port speaks TLS.</param>
    /// <param name="port">The port.</param>
    /// <param name="securePort">The port for TLS beside a plain one; 0 for none.</param>
#pragma warning disable CS8618 // The address is made of the rest.
    [SetsRequiredMembers]
    internal EndpointDescription(
        IEndpointNames names, ReadOnlySpan<char> host, bool byAddress, bool hasTlsName, bool isSecure, int port, int securePort)
    {
        _names = names;
        _isByAddress = byAddress;
        _hasTlsName = hasTlsName;
        _isSecure = isSecure;
        _port = port;
        _securePort = checked((ushort)securePort);
        _addressHash = HashOf(host, port, isSecure);
        _isLoopback = host is "localhost" or "loopback" || (host.StartsWith("127.") && IPAddress.TryParse(host, out _));
    }
#pragma warning restore CS8618

    /// <summary>The address of the endpoint: scheme, host, port and base path.</summary>
    public required Uri Address
    {
        get => _address ?? new UriBuilder(IsSecure ? Uri.UriSchemeHttps : Uri.UriSchemeHttp, AddressHost, _port).Uri;
        init
        {
            _address = value;
            _port = value is { IsAbsoluteUri: true } ? value.Port : 0;
            _isSecure = value is { IsAbsoluteUri: true } && value.Scheme == Uri.UriSchemeHttps;
            _addressHash = value is { IsAbsoluteUri: true } ? HashOf(value.Host, _port, _isSecure) : 0;
        }
    }

    /// <summary>The TLS port of the same instance, beside a plain <see cref="Address"/>.</summary>
    /// <value>Default 0: none.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is no port.</exception>
    public int SecurePort
    {
        get => _securePort;
        init => _securePort = value is >= 0 and <= ushort.MaxValue
            ? (ushort)value
            : throw new ArgumentOutOfRangeException(nameof(SecurePort), value, "A port is 1 to 65535, or 0 for none.");
    }

    /// <summary>The address as it was given; null where host and port are stored, which are known to be well formed.</summary>
    internal Uri? GivenAddress => _address;

    /// <summary>The host to connect to, as a URI has it.</summary>
    internal string AddressHost => _address?.Host ?? (_isByAddress ? _names!.IPAddress! : _names!.HostName!);

    internal int Port => _port;

    /// <summary>Whether <see cref="Address"/> speaks TLS.</summary>
    internal bool IsSecure => _isSecure;

    /// <summary>Whether <see cref="Address"/> is this machine, in the sense of <see cref="Uri.IsLoopback"/>.</summary>
    internal bool IsLoopback => _address?.IsLoopback ?? _isLoopback;

    /// <summary>The base path without a slash at its end.</summary>
    internal string PathBase => _address?.AbsolutePath.TrimEnd('/') ?? string.Empty;

    /// <summary>Equal for equal addresses; computed once.</summary>
    internal int AddressHash => _addressHash;

    /// <summary>The configured address, with the name that requests carry, if <see cref="Address"/> is one that the name resolves to;
    /// null for <see cref="Address"/> itself.</summary>
    internal Uri? SpokenAddress
    {
        get => _spoken?.Address;
        init => _spoken = SpokenName.Of(_spoken?.Tls, Host, value);
    }

    /// <summary>Whether each address of the name becomes an endpoint of its own.</summary>
    internal bool ResolvesEach { get; init; }

    /// <summary>Where it comes from, and so how far it is trusted.</summary>
    internal EndpointOrigin Origin { get; init; }

    /// <summary>Whether its source runs on this machine: then endpoints on this machine are meant for it.</summary>
    /// <value>Default false: endpoints on loopback are refused, unless the settings allow them.</value>
    public bool IsFromThisMachine
    {
        get => Origin == EndpointOrigin.LoopbackSource;
        init => Origin = value ? EndpointOrigin.LoopbackSource : EndpointOrigin.Source;
    }

    /// <summary>A number that each new registration of the instance raises, such as its time: an endpoint that was about to leave and has
    /// registered anew is used again.</summary>
    /// <value>Default 0: the source has none.</value>
    public long Registered { get; init; }

    /// <summary>The source's own id of the endpoint. Messages and tags show the host and port of <see cref="Address"/> instead.</summary>
    /// <value>Default none.</value>
    public string? InstanceId
    {
        get => _instanceId ?? _names?.Id;
        init => _instanceId = value;
    }

    /// <summary>The name that the endpoint's certificate is checked against. It is also sent as SNI.</summary>
    /// <value>Default none: the host of <see cref="Address"/>.</value>
    public string? TlsName
    {
        get => _spoken?.Tls ?? (_hasTlsName ? _names!.HostName : null);
        init
        {
            _spoken = SpokenName.Of(value, Host, SpokenAddress);
            _hasTlsName = false;
        }
    }

    /// <summary>The host, with port if need be, that requests to this endpoint carry.</summary>
    /// <value>Default none: the service's name, or over TLS the name that the certificate is checked against. For configured endpoints
    /// with a DNS name, that name.</value>
    /// <remarks>The setting <c>HostHeader</c> of the service goes before.</remarks>
    public string? Host
    {
        get => _spoken?.Host;
        init => _spoken = SpokenName.Of(_spoken?.Tls, value, SpokenAddress);
    }

    /// <summary>The zone of the endpoint.</summary>
    /// <value>Default none.</value>
    public string? Zone { get; init; }

    /// <summary>Labels, such as a registry's metadata.</summary>
    /// <value>Default none. Never null.</value>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Whether both have the same address.</summary>
    internal bool HasAddressOf(EndpointDescription other) =>
        ReferenceEquals(this, other)
        || (_addressHash == other._addressHash && _isSecure == other._isSecure && _port == other._port
            && (_address is not null && other._address is not null ? _address == other._address : AddressHost == other.AddressHost
                && PathBase == other.PathBase)
            && SpokenAddress == other.SpokenAddress);

    /// <summary>The same endpoint over TLS, at <see cref="SecurePort"/>.</summary>
    internal EndpointDescription OverTls() =>
        this with { Address = new UriBuilder(Uri.UriSchemeHttps, AddressHost, SecurePort).Uri, SecurePort = 0 };

    /// <summary>Descriptions of one source mostly share their labels.</summary>
    private bool HasLabelsOf(EndpointDescription other) =>
        ReferenceEquals(Labels, other.Labels)
        || (Labels.Count == other.Labels.Count
            && Labels.All(label => other.Labels.TryGetValue(label.Key, out var value) && value == label.Value));

    /// <inheritdoc/>
    public bool Equals(EndpointDescription? other) =>
        ReferenceEquals(this, other)
        || (other is not null
            && HasAddressOf(other)
            && _securePort == other._securePort
            && Origin == other.Origin
            && Registered == other.Registered
            && InstanceId == other.InstanceId
            && TlsName == other.TlsName
            && Host == other.Host
            && ResolvesEach == other.ResolvesEach
            && Zone == other.Zone
            && HasLabelsOf(other));

    /// <inheritdoc/>
    public override int GetHashCode() => _addressHash;

    /// <summary>What is said to the endpoint beside its address. Few have any of it: thousands share the place of one reference.</summary>
    private sealed record SpokenName(string? Tls, string? Host, Uri? Address)
    {
        public static SpokenName? Of(string? tls, string? host, Uri? address) =>
            tls is null && host is null && address is null ? null : new SpokenName(tls, host, address);
    }

    private static int HashOf(ReadOnlySpan<char> host, int port, bool isSecure) =>
        HashCode.Combine(string.GetHashCode(host), port, isSecure);
}
