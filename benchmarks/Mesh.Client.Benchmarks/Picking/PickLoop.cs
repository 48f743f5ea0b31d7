using Mesh.Client.Balancing;
using Mesh.Client.Benchmarks.Measuring;
using Mesh.Client.Discovery;
using Mesh.Client.Transport;

namespace Mesh.Client.Benchmarks.Picking;

/// <summary>The choice of an endpoint by the default policy, and the claim on it, eight at a time. Servers report, and one in <see cref="Rarely"/> attempts brings news.</summary>
internal sealed class PickLoop : ILoop
{
    private const int Rarely = 16;
    private const int Microseconds = 50;

    private readonly AdaptiveBalancer _balancer = new(new RandomSource());
    private readonly Endpoint[] _endpoints;
    private readonly (Endpoint? Endpoint, long Start)[] _inFlight = new (Endpoint?, long)[8];
    private long _now = 100_000_000;

    private PickLoop(int count)
    {
        _endpoints = [.. Enumerable.Range(0, count).Select(Create)];
        for (var i = 0; i < count; i++)
        {
            Learn(_endpoints[i], i);
        }
    }

    /// <exception cref="InvalidOperationException">It always uses the same endpoint.</exception>
    public static Task<ILoop> StartAsync(int count)
    {
        var loop = new PickLoop(count);
        return Enumerable.Range(0, 1_000).Select(_ => loop.Pick()).Distinct().Count() > 1
            ? Task.FromResult<ILoop>(loop)
            : throw new InvalidOperationException("Always the same endpoint was chosen.");
    }

    public Task RunAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            _now += Microseconds;
            var endpoint = Pick();
            endpoint.Load.Enter(_now);

            // That of the longest ago comes back.
            ref var oldest = ref _inFlight[i % _inFlight.Length];
            oldest.Endpoint?.Load.Exit(oldest.Start);
            oldest = (endpoint, _now);
            if (i % Rarely == 0)
            {
                Learn(endpoint, i);
            }
        }

        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Endpoint Pick() => _endpoints[_balancer.Pick(new EndpointCandidates(_endpoints, _now))];

    private void Learn(Endpoint endpoint, int i)
    {
        endpoint.Load.ObserveLatency(_now, 8 + (i % 5));
        endpoint.Load.ObserveSuccess(_now);
        endpoint.Load.ObserveReport(_now, new LoadReport(i % 4, 8));
    }

    private static Endpoint Create(int number)
    {
        var description = new EndpointDescription { Address = new Uri($"http://10.{number / 65_536}.{number / 256 % 256}.{number % 256}") };
        return new Endpoint(description, new EndpointTransport(description, new TransportSettings(HostHeader.Auto, TlsName: null, static _ => throw new InvalidOperationException("Nothing is sent."))), now: 0);
    }
}
