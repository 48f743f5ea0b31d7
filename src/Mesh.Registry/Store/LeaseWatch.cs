namespace Mesh.Registry.Store;

/// <summary>
/// The state of all leases. It requires a scan of every instance, so one scan serves all requests for some seconds: the health endpoint
/// requires no password, and a few clients could otherwise keep a processor busy.
/// </summary>
internal sealed class LeaseWatch(RegistryStore store, TimeProvider time)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(5);

    // Guards the replacement, so that concurrent requests cause one scan, not one each.
    private readonly Lock _gate = new();
    private volatile Look? _last;

    public (LeaseHealth Leases, int Expired) Current
    {
        get
        {
            if (Fresh(_last) is not { } look)
            {
                lock (_gate)
                {
                    look = Fresh(_last) ?? (_last = new Look(store.Report(), time.GetTimestamp()));
                }
            }

            return (look.Leases, look.Expired);
        }
    }

    private Look? Fresh(Look? look) => look is not null && time.GetElapsedTime(look.At) < MaxAge ? look : null;

    // Only two values of the report are kept: the report would keep the snapshot of that moment alive.
    private sealed class Look(RegistryReport report, long at)
    {
        public LeaseHealth Leases { get; } = report.Leases;

        public int Expired { get; } = report.Expired;

        public long At => at;
    }
}
