using System.Collections.Concurrent;
using System.Net;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Transport;

/// <summary>Addresses that recently did not answer a connection attempt: for a while they are tried after the other addresses of their
/// name.</summary>
/// <remarks>Only a hint: a wrong entry, or a missing one, costs a connection a fraction of a second.</remarks>
internal sealed class SilentAddresses([OwnClock] TimeProvider time)
{
    /// <summary>Long enough to save most connections the detour, short enough for an address that has recovered.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);

    // DNS may keep naming new addresses.
    private const int MaxCount = 1000;

    private readonly ConcurrentDictionary<IPEndPoint, long> _since = new();

    public bool Contains(IPEndPoint address) => _since.TryGetValue(address, out var since) && time.GetElapsedTime(since) < Memory;

    public void Add(IPEndPoint address)
    {
        if (_since.Count >= MaxCount)
        {
            foreach (var (known, since) in _since)
            {
                if (time.GetElapsedTime(since) >= Memory)
                {
                    _since.TryRemove(known, out _);
                }
            }

            if (_since.Count >= MaxCount)
            {
                return;
            }
        }

        _since[address] = time.GetTimestamp();
    }

    public void Remove(IPEndPoint address) => _since.TryRemove(address, out _);
}
