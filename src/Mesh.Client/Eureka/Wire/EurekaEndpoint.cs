using System.Text;
using Mesh.Client.Discovery;
using Mesh.Client.Model;
using Mesh.Client.Primitives;

namespace Mesh.Client.Eureka.Wire;

/// <summary>Makes an endpoint from a listed instance, or says why it cannot be called.</summary>
internal static class EurekaEndpoint
{
    private const int MaxNameLength = 253;
    private const int MaxLabelLength = 63;

    /// <param name="instance">The instance.</param>
    /// <param name="preferIPAddress">Whether it is called by its address.</param>
    /// <param name="problem">Why it cannot be called; null if it can.</param>
    /// <param name="origin">How far the source is trusted.</param>
    /// <param name="preferSecurePort">Where both ports are open: whether calls go to the port for TLS, or plain to the other.</param>
    public static EndpointDescription? Describe(
        EurekaInstance instance,
        bool preferIPAddress,
        out string? problem,
        EndpointOrigin origin = EndpointOrigin.Source,
        bool preferSecurePort = false)
    {
        // One endpoint per instance, whichever port is used: an instance must not count twice. TLS only means TLS only.
        var secure = instance.SecurePort.Enabled && (preferSecurePort || !instance.Port.Enabled);
        var port = secure ? instance.SecurePort.Number : instance.Port.Number;
        var byAddress = preferIPAddress && !instance.IPAddressBytes.IsEmpty;
        var host = byAddress ? instance.IPAddressBytes : instance.HostNameBytes;
        var isName = IsUsualName(host);
        var isUsual = isName || IsUsualAddress(host);

        problem =
            IsUnprintable(instance.Names.App) ? "no usable application name"
            : instance.IdBytes.IsEmpty || HasControl(instance.IdBytes) ? "no usable instance id"
            : !secure && !instance.Port.Enabled ? "no enabled port"
            : port is < 1 or > 65535 ? "a port that is not a number from 1 to 65535"
            : instance.Names.App.Length > RegistryLimits.NameLength
                || Encoding.UTF8.GetCharCount(instance.IdBytes) > RegistryLimits.IdLength ? "a name or id that is too long"
            : host.IsEmpty ? "no host name"
            : !isUsual && Uri.CheckHostName(Encoding.UTF8.GetString(host)) == UriHostNameType.Unknown ? "a host name that is none"
            : null;
        if (problem is not null)
        {
            return null;
        }

        // The certificate names the host, even when the connection goes to its address.
        var hasTlsName = isName && !byAddress || IsUsualName(instance.HostNameBytes)
            || (!instance.HostNameBytes.IsEmpty && Uri.CheckHostName(instance.HostName!) == UriHostNameType.Dns);
        var securePort = !secure && instance.SecurePort is { Enabled: true, Number: >= 1 and <= 65535 } ? instance.SecurePort.Number : 0;
        var zone = instance.Metadata.GetValueOrDefault("zone") ?? instance.DataCenterZone;
        if (isUsual)
        {
            Span<char> name = stackalloc char[MaxNameLength];
            return new EndpointDescription(
                instance, name[..Encoding.UTF8.GetChars(host, name)], byAddress, hasTlsName, secure, port, securePort)
            {
                Origin = origin,
                Registered = instance.LastDirty,
                Zone = zone,
                Labels = instance.Metadata,
            };
        }

        // In the runtime's own form, however it is written: that form is connected to.
        return new EndpointDescription
        {
            Address = new UriBuilder(secure ? Uri.UriSchemeHttps : Uri.UriSchemeHttp, Encoding.UTF8.GetString(host), port).Uri,
            SecurePort = securePort,
            InstanceId = instance.Id,
            TlsName = hasTlsName ? instance.HostName : null,
            Origin = origin,
            Registered = instance.LastDirty,
            Zone = zone,
            Labels = instance.Metadata,
        };
    }

    /// <summary>The names an instance is known by: its application and its VIP addresses, in lower case.</summary>
    /// <param name="names">Its names.</param>
    /// <param name="secure">Whether to add those for TLS, at the end.</param>
    public static IEnumerable<string> NamesOf(EurekaNames names, bool secure)
    {
        if (SourceName.IsUsable(names.App))
        {
            yield return names.App.ToLowerInvariant();
        }

        var vips = secure && names.SecureVipAddress is { Length: > 0 } also ? $"{names.VipAddress},{also}" : names.VipAddress;
        foreach (var vip in (vips ?? string.Empty).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Take(RegistryLimits.NamesOfInstance - 1))
        {
            var name = WithoutPort(vip);
            if (SourceName.IsUsable(name))
            {
                yield return name.ToLowerInvariant();
            }
        }
    }

    /// <summary>Ribbon's clients know <c>name:port</c>. A service name has no port, and the instance has its own.</summary>
    private static string WithoutPort(string vip) =>
        vip.LastIndexOf(':') is > 0 and var colon && colon + 1 < vip.Length && !vip.AsSpan(colon + 1).ContainsAnyExceptInRange('0', '9')
            ? vip[..colon]
            : vip;

    private static bool IsUnprintable(string name) => string.IsNullOrWhiteSpace(name) || Printable.HasControl(name);

    private static bool HasControl(ReadOnlySpan<byte> utf8) =>
        utf8.ContainsAnyInRange((byte)0, (byte)0x1F)
        || utf8.Contains((byte)0x7F)
        || (!Ascii.IsValid(utf8) && Printable.HasControl(Encoding.UTF8.GetString(utf8)));

    /// <summary>Whether a host is a DNS name that every reader understands in the same way: labels of lower-case letters, digits and inner
    /// hyphens. The last label begins with a letter, so that it cannot be taken for an address. International names are excluded: they have
    /// two forms.</summary>
    private static bool IsUsualName(ReadOnlySpan<byte> host)
    {
        if (host.Length is 0 or > MaxNameLength)
        {
            return false;
        }

        var label = 0;
        for (var i = 0; i <= host.Length; i++)
        {
            if (i < host.Length && host[i] != (byte)'.')
            {
                if (!char.IsAsciiLetterLower((char)host[i]) && !char.IsAsciiDigit((char)host[i]) && (host[i] != (byte)'-' || i == label))
                {
                    return false;
                }

                continue;
            }

            if (i == label || i - label > MaxLabelLength || host[i - 1] == (byte)'-' || host[label..i].StartsWith("xn--"u8))
            {
                return false;
            }

            if (i == host.Length)
            {
                return char.IsAsciiLetterLower((char)host[label]);
            }

            label = i + 1;
        }

        return false;
    }

    /// <summary>Whether a host is an IPv4 address in the usual form: four decimal parts.</summary>
    private static bool IsUsualAddress(ReadOnlySpan<byte> host)
    {
        const int Longest = 15;
        if (host.Length > Longest
            || host.IsEmpty
            || !char.IsAsciiDigit((char)host[0])
            || !System.Net.IPAddress.TryParse(host, out var address))
        {
            return false;
        }

        Span<byte> written = stackalloc byte[Longest];
        return address.TryFormat(written, out var length) && host.SequenceEqual(written[..length]);
    }
}
