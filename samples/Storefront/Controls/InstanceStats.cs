namespace Storefront.Controls;

/// <summary>The counters of one process since its start; percentiles in milliseconds over its last seconds.</summary>
internal sealed record InstanceStats(int Pid, long Requests, long Succeeded, long Failed, long Slow, double P50, double P99)
{
    /// <summary>Sums the counts and takes the newer percentiles: the counters of an instance over several processes.</summary>
    public InstanceStats After(InstanceStats earlier) => this with
    {
        Requests = Requests + earlier.Requests,
        Succeeded = Succeeded + earlier.Succeeded,
        Failed = Failed + earlier.Failed,
        Slow = Slow + earlier.Slow,
    };
}
