using System.Net;
using Mesh.Client.Options;
using Mesh.Client.Primitives;

namespace Mesh.Client.Model;

/// <summary>The validated, immutable form of <see cref="EndpointPolicyOptions"/>: which hosts and addresses a source may name.</summary>
internal sealed class EndpointPolicy : IEquatable<EndpointPolicy>
{
    private static readonly IPNetwork Loopback = IPNetwork.Parse("127.0.0.0/8");

    private readonly IPNetwork[] _networks;
    private readonly string[] _suffixes;
    private readonly string _identity;

    public EndpointPolicy(EndpointPolicyOptions options)
    {
        _networks = [.. options.AllowedNetworks.Select(TrustedNetworks.Parse).OfType<IPNetwork>()];
        _suffixes = [.. options.AllowedHostSuffixes.Select(text => text.Trim().Trim('.')).Where(suffix => suffix.Length > 0)];
        AllowLoopback = options.AllowLoopback;
        _identity = $"{AllowLoopback}|{string.Join(',', _networks)}|{string.Join(',', _suffixes)}";
    }

    /// <summary>Null: decided by the environment and the source.</summary>
    public bool? AllowLoopback { get; }

    /// <summary>Whether no setting restricts what a source may name.</summary>
    public bool IsOpen => _networks.Length == 0 && _suffixes.Length == 0;

    /// <summary>Whether a host is this machine by its name or address, without asking DNS. <see cref="Uri.IsLoopback"/> does not know all
    /// spellings.</summary>
    public static bool IsLoopbackHost(string host)
    {
        if (IPAddress.TryParse(host, out var address))
        {
            return IPAddress.IsLoopback(Plain(address));
        }

        // A name under .localhost is this machine by RFC 6761, also with the dot of the root.
        var name = host.AsSpan().TrimEnd('.');
        return name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Checks an endpoint as far as possible without asking DNS.</summary>
    /// <param name="address">What the source named.</param>
    /// <param name="loopback">Whether this source may name loopback where the options do not say.</param>
    public EndpointRefusal? CheckTarget(Uri address, bool loopback)
    {
        if (!address.IsAbsoluteUri || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
        {
            return Malformed(address, "is not an http or https address");
        }

        var host = address.IdnHost;
        if (host.Length is 0 or > 253 || Uri.CheckHostName(host) is UriHostNameType.Unknown or UriHostNameType.Basic || EndsInNumber(host))
        {
            return Malformed(address, "has no valid host name");
        }

        if (address.Port is < 1 or > 65535)
        {
            return Malformed(address, "has no port from 1 to 65535");
        }

        if (address.UserInfo.Length > 0 || address.Query.Length > 0 || address.Fragment.Length > 0)
        {
            return Malformed(address, "holds more than scheme, host, port and path");
        }

        return CheckHost(host, loopback);
    }

    /// <summary>Checks the host that requests carry: it becomes a part of their address.</summary>
    public static EndpointRefusal? CheckHostHeader(string host) =>
        Uri.TryCreate($"http://{host}/", UriKind.Absolute, out var uri) && uri.UserInfo.Length == 0 && uri.PathAndQuery == "/"
            && Uri.CheckHostName(uri.IdnHost) is not (UriHostNameType.Unknown or UriHostNameType.Basic)
            && (uri.Authority.Equals(host, StringComparison.OrdinalIgnoreCase) || host == uri.Authority + ":80")
            ? null
            : new EndpointRefusal(
                $"the host '{Printable.Of(host, 100)}'",
                "that its requests would carry is no host name",
                "Its source must give a name or address, with a port if need be (EndpointDescription.Host).");

    /// <summary>Checks a well-formed host. However the address was written, this is the host that would be connected to.</summary>
    public EndpointRefusal? CheckHost(string host, bool loopback)
    {
        if (IPAddress.TryParse(host, out var literal))
        {
            return CheckAddress(literal, loopback) ?? CheckLiteral(host);
        }

        if (IsLoopbackHost(host))
        {
            return CheckLoopback(host, null, loopback);
        }

        return CheckSuffix(host);
    }

    /// <summary>Checks an address, which may come from DNS.</summary>
    public EndpointRefusal? CheckAddress(IPAddress address, bool loopback)
    {
        var plain = Plain(address);
        if (IPAddress.IsLoopback(plain))
        {
            return CheckLoopback(address.ToString(), plain, loopback);
        }

        if (DeniedNetworks.Find(plain) is { } rule)
        {
            return new EndpointRefusal(
                address.ToString(), rule, "No setting lets a source name it; list an intended endpoint in the configuration "
                    + "(Mesh:Services:<name>:Endpoints).");
        }

        return _networks.Length == 0 || IsListed(plain)
            ? null
            : new EndpointRefusal(
                address.ToString(),
                "is in none of the allowed networks",
                $"To allow it, add its network to {EndpointRefusal.Section}:AllowedNetworks.");
    }

    public bool Equals(EndpointPolicy? other) => other is not null && _identity == other._identity;

    public override bool Equals(object? obj) => Equals(obj as EndpointPolicy);

    public override int GetHashCode() => _identity.GetHashCode(StringComparison.Ordinal);

    private EndpointRefusal? CheckLoopback(string subject, IPAddress? address, bool loopback)
    {
        // A listed network allows loopback only if it lies within loopback: 0.0.0.0/0 is not meant to.
        var listed = Array.Exists(_networks, network => IsWithinLoopback(network) && (address is null || network.Contains(address)));
        if (listed || AllowLoopback == true || (AllowLoopback is null && loopback && _networks.Length == 0))
        {
            return null;
        }

        return new EndpointRefusal(
            subject,
            "is this machine itself (loopback), which only a registry on loopback, or any in the Development environment, may name",
            "That instance listens on localhost only, or registers a wrong address: correct it there. To allow it, set "
            + $"{EndpointRefusal.Section}:AllowLoopback to true, or add it to {EndpointRefusal.Section}:AllowedNetworks.");
    }

    /// <summary>A list of host names would protect nothing if a source could name addresses instead.</summary>
    private EndpointRefusal? CheckLiteral(string host) => _suffixes.Length == 0 || _networks.Length > 0 || IsLoopbackHost(host)
        ? null
        : new EndpointRefusal(
            host,
            "is an address, and only names with an allowed suffix may be named",
            $"To allow it, add its network to {EndpointRefusal.Section}:AllowedNetworks.");

    private EndpointRefusal? CheckSuffix(string host)
    {
        var name = host.AsSpan().TrimEnd('.');
        if (_suffixes.Length == 0)
        {
            return null;
        }

        foreach (var suffix in _suffixes)
        {
            if (name.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)
                && (name.Length == suffix.Length || name[^(suffix.Length + 1)] == '.'))
            {
                return null;
            }
        }

        return new EndpointRefusal(
            host, "has none of the allowed suffixes", $"To allow it, add its suffix to {EndpointRefusal.Section}:AllowedHostSuffixes.");
    }

    /// <summary>Whether other software would take a name for an address, such as <c>169.254.169.254.</c>: no top-level domain is a number
    /// (WHATWG URL standard).</summary>
    private static bool EndsInNumber(string host)
    {
        var name = host.AsSpan().TrimEnd('.');
        var label = name[(name.LastIndexOf('.') + 1)..];
        return !IPAddress.TryParse(host, out _) && label.Length > 0 && !label.ContainsAnyExceptInRange('0', '9');
    }

    private bool IsListed(IPAddress address) => Array.Exists(_networks, network => network.Contains(address));

    private static bool IsWithinLoopback(IPNetwork network) =>
        (Loopback.Contains(network.BaseAddress) && network.PrefixLength >= Loopback.PrefixLength)
        || (network.BaseAddress.Equals(IPAddress.IPv6Loopback) && network.PrefixLength == 128);

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static EndpointRefusal Malformed(Uri address, string rule) => new(
        address.IsAbsoluteUri ? address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped) : "the address",
        rule,
        "Correct it in the source.");
}
