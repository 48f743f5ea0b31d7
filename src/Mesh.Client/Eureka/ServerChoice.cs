namespace Mesh.Client.Eureka;

/// <summary>The order in which the servers are asked: the one that answered last comes first, those that failed lately come last.</summary>
/// <remarks>As in Netflix's client, failed servers are set aside, and all return when too many are. Here they are asked last instead of
/// being left out: a request fails only after every server has failed. Times are elapsed time, not time of day.</remarks>
internal sealed class ServerChoice(EurekaServer[] servers)
{
    /// <summary>If a larger share of the servers fails, the fault is probably in this machine's network and not in the servers.</summary>
    private const double MaxSetAside = 0.66;

    // Guards both fields below: fetches, heartbeats and the deregistration ask at the same time.
    private readonly Lock _gate = new();
    private readonly Dictionary<EurekaServer, TimeSpan> _failed = [];
    private Current? _current;

    public int Count => servers.Length;

    public EurekaServer[] Order(TimeSpan now, TimeSpan quarantine)
    {
        lock (_gate)
        {
            foreach (var (server, since) in _failed)
            {
                if (now - since >= quarantine)
                {
                    _failed.Remove(server);
                }
            }

            // Back to the server of the own zone after a while: a client that failed over must not stay away for ever.
            if (_current is { } current && now - current.Since >= quarantine && !ReferenceEquals(current.Server, servers[0]))
            {
                _current = null;
            }

            return
            [
                .. servers
                    .Select((server, index) => (Server: server, Rank: RankOf(server), index))
                    .OrderBy(static entry => entry.Rank).ThenBy(static entry => entry.index)
                    .Select(static entry => entry.Server),
            ];
        }
    }

    public void Answered(EurekaServer server, TimeSpan now)
    {
        lock (_gate)
        {
            _failed.Remove(server);
            if (!ReferenceEquals(_current?.Server, server))
            {
                _current = new Current(server, now);
            }
        }
    }

    public void Failed(EurekaServer server, TimeSpan now)
    {
        lock (_gate)
        {
            _failed[server] = now;
            if (ReferenceEquals(_current?.Server, server))
            {
                _current = null;
            }

            if (_failed.Count > (int)(servers.Length * MaxSetAside))
            {
                _failed.Clear();
            }
        }
    }

    private TimeSpan RankOf(EurekaServer server) =>
        ReferenceEquals(_current?.Server, server) ? TimeSpan.MinValue
        : _failed.TryGetValue(server, out var since) ? TimeSpan.FromTicks(1) + since
        : TimeSpan.Zero;

    /// <param name="Server">The one that answered last.</param>
    /// <param name="Since">Since when it has been the current one.</param>
    private sealed record Current(EurekaServer Server, TimeSpan Since);
}
