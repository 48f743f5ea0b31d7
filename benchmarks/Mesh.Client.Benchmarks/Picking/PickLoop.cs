using Mesh.Client.Benchmarks.Measuring;
using Mesh.Client.Benchmarks.Stacks;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Calls;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.HttpClients;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Primitives;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Benchmarks.Picking;

/// <summary>The choice of an endpoint by the defaults of the mesh, and the claim on it, eight at a time. Servers report, and one in
/// <see cref="Rarely"/> attempts brings news.</summary>
internal sealed class PickLoop : ILoop
{
    private const int Rarely = 16;

    private static readonly TimeSpan Step = TimeSpan.FromMicroseconds(50);

    private readonly ClientApplication _application;
    private readonly Call _call = new();
    private readonly AttemptLease[] _leases = new AttemptLease[8];
    private MeshTime _now;

    private PickLoop(ClientApplication application, Service service, MeshHandler shell)
    {
        _application = application;
        _now = service.Clock.Now + TimeSpan.FromSeconds(100);
        _call.Begin(
            service, new HttpRequestMessage(HttpMethod.Get, CallLoop.Address), shell.Primary, synchronous: false, _now,
                CancellationToken.None);
        foreach (var (i, endpoint) in service.Endpoints.Current.All.Index())
        {
            Learn(endpoint, i);
        }
    }

    /// <exception cref="InvalidOperationException">The service does not have these endpoints, or nothing is claimed.</exception>
    public static async Task<ILoop> StartAsync(int count)
    {
        var endpoints = Enumerable.Range(0, count).Select(
            static i => KeyValuePair.Create($"Mesh:Services:{ClientApplication.Service}:Endpoints:{i}",
                (string?)$"http://10.{i / 65_536}.{i / 256 % 256}.{i % 256}"));
        var application = await ClientApplication.StartAsync(
            KnownStacks.Mesh, StubHandler.Create(BenchmarkCase.Sync), "Production", endpoints);
        application.Services.GetRequiredService<ServiceDirectory>().Find(new Uri(CallLoop.Address), out var service);
        var loop = new PickLoop(
            application, service!, new MeshHandler(application.Services.GetRequiredService<CallPipeline>(), ownPrimary: false));
        await loop.RunAsync(1_000);
        var all = service!.Endpoints.Current.All;
        return all.Length == count && all.Sum(e => e.Load.InFlight) == loop._leases.Length
            ? loop
            : throw new InvalidOperationException($"{all.Sum(e => e.Load.InFlight)} requests are in flight to {all.Length} endpoints; "
                + $"there should be {loop._leases.Length} and {count}.");
    }

    public Task RunAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            _now += Step;
            var endpoint = Pick();

            // That of the longest ago comes back.
            ref var lease = ref _leases[i % _leases.Length];
            if (lease.Endpoint is not null)
            {
                lease.Exit();
            }

            _call.First.Enter(endpoint, _now, trial: false);
            lease = _call.First.Lease;
            _call.Attempts = 0;
            if (i % Rarely == 0)
            {
                Learn(endpoint, i);
            }
        }

        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private Endpoint Pick() => EndpointPicker.Pick(_call, _now, out _)!;

    private void Learn(Endpoint endpoint, int i)
    {
        endpoint.Load.ObserveLatency(_now, 8 + (i % 5));
        endpoint.Load.ObserveSuccess(_now);
        endpoint.Load.ObserveReport(_now, new LoadReport(i % 4, 8));
    }
}
