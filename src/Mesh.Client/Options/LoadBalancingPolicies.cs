namespace Mesh.Client;

/// <summary>The names of the load balancing policies of this package.</summary>
public static class LoadBalancingPolicies
{
    /// <summary>The lowest expected cost by latency, requests in flight and their age, the load that endpoints report, and recent success.
    /// For nearly every service.</summary>
    public const string Adaptive = "Adaptive";

    /// <summary>The one with fewer requests in flight of two chosen at random.</summary>
    public const string LeastRequest = "LeastRequest";

    /// <summary>One after the other, from a random start.</summary>
    public const string RoundRobin = "RoundRobin";

    /// <summary>In turn, as often as the label <c>weight</c> of each endpoint says; without such labels, as often as what they report of
    /// their speed allows.</summary>
    public const string WeightedRoundRobin = "WeightedRoundRobin";

    /// <summary>The lower of two random ones by latency times requests in flight, where the latency jumps up at once, fades within some ten
    /// seconds, and a failure counts as five seconds.</summary>
    public const string PeakEwma = "PeakEwma";

    /// <summary>Any of them.</summary>
    public const string Random = "Random";
}
