namespace Mesh.Client.Options;

/// <summary>The names of the load balancing policies of this package.</summary>
public static class LoadBalancingPolicies
{
    /// <summary>The lowest expected cost by latency, requests in flight and their age, the load that endpoints report, and recent success.
    /// For nearly every service.</summary>
    public const string Adaptive = "Adaptive";

    /// <summary>Of two endpoints chosen at random, the one with fewer requests in flight.</summary>
    public const string LeastRequest = "LeastRequest";

    /// <summary>One after the other, from a random start.</summary>
    public const string RoundRobin = "RoundRobin";

    /// <summary>In turn, as often as the label <c>weight</c> of each endpoint says; without such labels, in proportion to the speed that
    /// the endpoints report.</summary>
    public const string WeightedRoundRobin = "WeightedRoundRobin";

    /// <summary>Of two endpoints chosen at random, the one with the lower product of latency and requests in flight. The latency rises at
    /// once and fades within some ten seconds; a failure counts as five seconds.</summary>
    public const string PeakEwma = "PeakEwma";

    /// <summary>Any endpoint at random.</summary>
    public const string Random = "Random";
}
