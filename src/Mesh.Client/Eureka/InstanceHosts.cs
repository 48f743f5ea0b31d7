using System.Net;
using Mesh.Client.Eureka.Wire;

namespace Mesh.Client.Eureka;

/// <summary>The hosts of an instance, each in one canonical form, so that equal ones compare equal.</summary>
/// <remarks>DNS is not asked. Names are in lower case and without the dot of the root, addresses as the runtime writes them, IPv4 extracted
/// from IPv6. All names of the loopback interface are one: instances there are on one machine.</remarks>
/// <param name="Name">The host name; null for none.</param>
/// <param name="Address">The IP address; null for none, or for a placeholder such as 0.0.0.0.</param>
internal readonly record struct InstanceHosts(string? Name, string? Address)
{
    private const string Loopback = "localhost";

    /// <summary>Name and address, each once.</summary>
    public IEnumerable<string> All
    {
        get
        {
            if (Name is not null)
            {
                yield return Name;
            }

            if (Address is not null && Address != Name)
            {
                yield return Address;
            }
        }
    }

    public static InstanceHosts Of(EurekaInstance instance) => new(OneForm(instance.HostName), KnownAddress(instance.IPAddress));

    /// <summary>Whether calls meant for one of two instances with a common port reach the other.</summary>
    /// <remarks>They do if the host that one is called by is also a host of the other. An IP address that neither is called by proves
    /// little: containers on several machines may have the same one, behind different names. It is proof where the two names are the short
    /// and the long one of one machine.</remarks>
    public bool Meet(InstanceHosts other, bool byAddress) =>
        Has(other.Called(byAddress))
        || other.Has(Called(byAddress))
        || (Address is not null && Address == other.Address && (IsShortOf(Name, other.Name) || IsShortOf(other.Name, Name)));

    private static bool IsShortOf(string? name, string? full) =>
        name is not null && full?.Length > name.Length && full[name.Length] == '.' && full.StartsWith(name, StringComparison.Ordinal);

    /// <summary>Clients that do not know their address register 0.0.0.0 or <c>unknown</c>.</summary>
    private static string? KnownAddress(string? text) =>
        OneForm(text) is { } address && address is not ("0.0.0.0" or "::" or "unknown") ? address : null;

    private static string? OneForm(string? host)
    {
        var text = host.AsSpan().Trim();
        text = text.EndsWith('.') ? text[..^1] : text;
        if (text.IsEmpty)
        {
            return null;
        }

        if (IPAddress.TryParse(text, out var address))
        {
            address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
            return address.Equals(IPAddress.Loopback) || address.Equals(IPAddress.IPv6Loopback) ? Loopback : address.ToString();
        }

        // By RFC 6761.
        return text.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase) ? Loopback
            : (text.Length == host!.Length ? host : text.ToString()).ToLowerInvariant();
    }

    private string? Called(bool byAddress) => byAddress ? Address ?? Name : Name;

    private bool Has(string? host) => host is not null && (host == Name || host == Address);
}
