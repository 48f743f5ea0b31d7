using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;
using Mesh.Client.Options;

namespace Mesh.Client.Outbound.Endpoints;

/// <summary>Expands configured endpoints with <see cref="AddressResolution.Each"/> into one endpoint per address. Used under the service's
/// lock.</summary>
internal sealed class EndpointExpansion
{
    private Dictionary<(EndpointDescription Named, IPAddress Address), EndpointDescription> _made = [];

    private IReadOnlyDictionary<string, IPAddress[]> _addresses = FrozenDictionary<string, IPAddress[]>.Empty;

    public static bool IsWanted(ImmutableArray<EndpointDescription> configured) => configured.Any(static endpoint => endpoint.ResolvesEach);

    /// <summary>Takes the present addresses of the names, as far as known.</summary>
    /// <returns>Whether they have changed.</returns>
    public bool Take(IReadOnlyDictionary<string, IPAddress[]> addresses)
    {
        var isNew = !ReferenceEquals(_addresses, addresses);
        _addresses = addresses;
        return isNew;
    }

    /// <summary>Returns the same objects for the same addresses, so that endpoints are recognized. A name without known addresses stays as
    /// it is: its connections ask DNS.</summary>
    public EndpointDescription[] Expand(ImmutableArray<EndpointDescription> configured)
    {
        if (!IsWanted(configured))
        {
            _made = [];
            return [.. configured];
        }

        var before = _made;
        _made = [];
        List<EndpointDescription> all = [];
        foreach (var named in configured)
        {
            if (!named.ResolvesEach || !_addresses.TryGetValue(named.Address.IdnHost, out var addresses))
            {
                all.Add(named);
                continue;
            }

            foreach (var address in addresses)
            {
                var key = (named, address);
                var made = before.GetValueOrDefault(key) ?? At(named, address);
                _made[key] = made;
                all.Add(made);
            }
        }

        return [.. all];
    }

    /// <summary>Connects by address; Host and TLS still use the name.</summary>
    private static EndpointDescription At(EndpointDescription named, IPAddress address) => named with
    {
        Address = new UriBuilder(named.Address) { Host = address.ToString() }.Uri,
        SpokenAddress = named.Address,
        ResolvesEach = false,
    };
}
