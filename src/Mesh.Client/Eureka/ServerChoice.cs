namespace Mesh.Client.Eureka;

/// <summary>In which order the servers are asked: the one that answered last first, those that failed lately last.</summary>
/// <remarks>As Netflix's client does, failed servers are set aside, and all are taken back when too many are. Here they are not left out
/// but asked last: a request fails only after every server has. Times are elapsed time, not of the day.</remarks>
internal sealed class ServerChoice(EurekaServer[] servers)
{
    /// <summary>The share of servers beyond which setting aside says more about this machine's network than about the servers.</summary>
    private const double MaxSetAside = 0.66;

    // Guards both fields below: fetches, heartbeats and the farewell ask at the same time.
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

            // Back to the zone's own server after a while: a client that failed over must not stay away forever.
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
    /// <param name="Since">Since when it is the one.</param>
    private sealed record Current(EurekaServer Server, TimeSpan Since);
}
