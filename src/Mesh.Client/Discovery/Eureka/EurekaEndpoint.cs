namespace Mesh.Client.Discovery.Eureka;

/// <summary>Makes an endpoint of a listed instance, or says why it cannot be called.</summary>
internal static class EurekaEndpoint
{
    public static EndpointDescription? Describe(EurekaInstance instance, bool preferIPAddress, out string? problem)
    {
        // Plain HTTP wins where both ports are open: that is what the port of the registry's own clients means; TLS only is taken at its word.
        var secure = !instance.Port.Enabled && instance.SecurePort.Enabled;
        var port = secure ? instance.SecurePort.Number : instance.Port.Number;
        var host = preferIPAddress && instance.IPAddress is { Length: > 0 } address ? address : instance.HostName;

        problem =
            instance.Key.App.Length == 0 || Printable.HasControl(instance.Key.App) ? "no usable application name"
            : instance.Key.Id.Length == 0 || Printable.HasControl(instance.Key.Id) ? "no usable instance id"
            : !secure && !instance.Port.Enabled ? "no enabled port"
            : port is < 1 or > 65535 ? "a port that is no number from 1 to 65535"
            : instance.Key.App.Length > RegistryLimits.NameLength || instance.Key.Id.Length > RegistryLimits.IdLength ? "a name or id that is too long"
            : string.IsNullOrEmpty(host) ? "no host name"
            : Uri.CheckHostName(host) == UriHostNameType.Unknown ? "a host name that is none"
            : null;
        if (problem is not null)
        {
            return null;
        }

        return new EndpointDescription
        {
            Address = new UriBuilder(secure ? Uri.UriSchemeHttps : Uri.UriSchemeHttp, host, port).Uri,
            SecureAddress = !secure && instance.SecurePort is { Enabled: true, Number: >= 1 and <= 65535 }
                ? new UriBuilder(Uri.UriSchemeHttps, host, instance.SecurePort.Number).Uri
                : null,
            InstanceId = instance.Key.Id,
            Registered = instance.LastDirty,
            // The certificate is made out to the host, also where the connection goes to its address.
            TlsName = instance.HostName is { Length: > 0 } name && Uri.CheckHostName(name) == UriHostNameType.Dns ? name : null,
            Zone = instance.Metadata.GetValueOrDefault("zone") ?? instance.DataCenterZone,
            Labels = instance.Metadata,
        };
    }

    /// <summary>The names an instance is called by: its application and its VIP addresses, in lower case.</summary>
    public static IEnumerable<string> NamesOf(EurekaInstance instance, EndpointDescription endpoint)
    {
        yield return instance.Key.App.ToLowerInvariant();
        var vips = endpoint.Address.Scheme == Uri.UriSchemeHttps && instance.SecureVipAddress is { Length: > 0 } secure
            ? $"{instance.VipAddress},{secure}"
            : instance.VipAddress;
        foreach (var vip in (vips ?? string.Empty).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Take(RegistryLimits.NamesOfInstance - 1))
        {
            if (vip.Length <= RegistryLimits.NameLength && !Printable.HasControl(vip))
            {
                yield return vip.ToLowerInvariant();
            }
        }
    }
}
