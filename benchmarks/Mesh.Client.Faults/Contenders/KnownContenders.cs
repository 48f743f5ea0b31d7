using Mesh.Client.Options;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.CircuitBreaker;

namespace Mesh.Client.Faults.Contenders;

/// <summary>Everything that is compared. All of them get the same configuration.</summary>
internal static class KnownContenders
{
    /// <summary>The packages of .NET with all defaults, in the order of the service defaults template of Aspire.</summary>
    public static readonly Contender Stock = new("stock", services =>
    {
        services.AddServiceDiscovery();
        services.ConfigureHttpClientDefaults(http =>
        {
            http.AddStandardResilienceHandler();
            http.AddServiceDiscovery();
        });
    });

    public static readonly Contender DiscoveryOnly = new("discovery-only", services =>
    {
        services.AddServiceDiscovery();
        services.ConfigureHttpClientDefaults(http => http.AddServiceDiscovery());
    });

    /// <summary>The best that we could put together from the stock parts for a dead instance: a retry without delay, above discovery, that
    /// also repeats what an open breaker refused, and below discovery one breaker for each address.</summary>
    public static readonly Contender HandBuilt = new("hand-built", services =>
    {
        services.AddServiceDiscovery();
        services.ConfigureHttpClientDefaults(http =>
        {
            http.AddResilienceHandler("retry", pipeline => pipeline.AddRetry(new HttpRetryStrategyOptions
            {
                Delay = TimeSpan.Zero,
                UseJitter = false,
                ShouldHandle = static args => new ValueTask<bool>(
                    HttpClientResiliencePredicates.IsTransient(args.Outcome) || args.Outcome.Exception is BrokenCircuitException),
            }));
            http.AddServiceDiscovery();
            http.AddResilienceHandler("breaker", pipeline => pipeline.AddCircuitBreaker(new HttpCircuitBreakerStrategyOptions()))
                .SelectPipelineByAuthority();
        });
    });

    public static readonly Contender Mesh = new("mesh", services => services.AddMesh());

    public static readonly Contender MeshRoundRobin = With("mesh-round-robin", LoadBalancingPolicies.RoundRobin);

    public static readonly Contender MeshLeastRequest = With("mesh-least-request", LoadBalancingPolicies.LeastRequest);

    /// <summary>A plain client. With the healthy instances only, it shows what they can do.</summary>
    public static readonly Contender Healthy = new("healthy", services =>
    {
        services.AddServiceDiscovery();
        services.ConfigureHttpClientDefaults(http => http.AddServiceDiscovery());
    });

    /// <summary>The mesh, with another policy than its default.</summary>
    private static Contender With(string name, string policy) =>
        new(name, services => services.AddMesh(options => options.Defaults.LoadBalancing.Policy = policy));
}
