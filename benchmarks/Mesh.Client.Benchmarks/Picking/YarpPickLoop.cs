using Mesh.Client.Benchmarks.Measuring;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace Mesh.Client.Benchmarks.Picking;

/// <summary>The choice of YARP's power of two choices, by requests in flight.</summary>
internal sealed class YarpPickLoop : ILoop
{
    private readonly ServiceProvider _services;
    private readonly ILoadBalancingPolicy _policy;
    private readonly DefaultHttpContext _context = new();
    private readonly ClusterState _cluster = new("orders");
    private readonly DestinationState[] _destinations;

    private YarpPickLoop(int count)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddReverseProxy();
        _services = services.BuildServiceProvider();
        _policy = _services.GetServices<ILoadBalancingPolicy>().Single(
            p => p.Name == Yarp.ReverseProxy.LoadBalancing.LoadBalancingPolicies.PowerOfTwoChoices);
        _destinations = [.. Enumerable.Range(0, count).Select(i => new DestinationState($"orders-{i}"))];
    }

    /// <exception cref="InvalidOperationException">It makes no choice.</exception>
    public static Task<ILoop> StartAsync(int count)
    {
        var loop = new YarpPickLoop(count);
        return loop.Pick() is not null ? Task.FromResult<ILoop>(loop) : throw new InvalidOperationException("YARP chose nothing.");
    }

    public Task RunAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            Pick();
        }

        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private DestinationState? Pick() => _policy.PickDestination(_context, _cluster, _destinations);
}
