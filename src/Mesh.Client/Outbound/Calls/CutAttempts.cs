namespace Mesh.Client.Outbound.Calls;

/// <summary>The attempts of one call that were cut short by a learned time, on endpoints that answered others meanwhile: probably the
/// request is slow, on all endpoints. The next answer tells whether the attempts count as failures.</summary>
internal sealed class CutAttempts
{
    private readonly List<(AttemptLease Lease, TimeSpan Took)> _attempts = [];

    public void Add(in AttemptLease lease, TimeSpan took) => _attempts.Add((lease, took));

    /// <summary>Another attempt was answered. If it was quicker, the others failed.</summary>
    public void Settle(TimeSpan answered)
    {
        foreach (var (lease, took) in _attempts)
        {
            if (answered < took)
            {
                lease.ChargeTimeout();
            }
        }
    }
}
