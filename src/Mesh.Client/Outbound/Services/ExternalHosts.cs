using System.Collections.Concurrent;

namespace Mesh.Client.Outbound.Services;

/// <summary>Single-label hosts that are not services but resolve in another way (<c>redis</c> in a container network): the first call to
/// one asks the registry, and later ones neither ask nor wait.</summary>
/// <remarks>A host that becomes a service later is found with the next regular answer: services are looked up first.</remarks>
internal sealed class ExternalHosts
{
    // An application that takes host names from its users must not fill the memory.
    private const int MaxHosts = 1000;

    private readonly ConcurrentDictionary<string, bool> _hosts = new(StringComparer.OrdinalIgnoreCase);

    public bool Contains(string host) => _hosts.ContainsKey(host);

    public void Add(string host)
    {
        if (!_hosts.ContainsKey(host))
        {
            if (_hosts.Count >= MaxHosts)
            {
                _hosts.Clear();
            }

            _hosts[host] = true;
        }
    }

    /// <summary>The host is no longer known.</summary>
    public void Remove(string host) => _hosts.TryRemove(host, out _);
}
