using Storefront.Controls;

namespace Storefront.Driver;

/// <summary>What an instance answered in a time.</summary>
internal readonly record struct EndpointCounts(long Requests, long Succeeded, Latency Latency)
{
    /// <summary>The share of good answers; none while there was no answer.</summary>
    public double? Success => Requests == 0 ? null : (double)Succeeded / Requests;

    public static EndpointCounts Between(InstanceStats earlier, InstanceStats later) => new(
        later.Requests - earlier.Requests,
        later.Succeeded - earlier.Succeeded,
        new Latency(later.P50, later.P99));
}
