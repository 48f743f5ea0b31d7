using Mesh.Client.Benchmarks.Inbound;
using Mesh.Client.Benchmarks.Propagation;
using Mesh.Client.Benchmarks.Stacks;
using Mesh.Client.Benchmarks.Telemetry;

namespace Mesh.Client.Benchmarks.Subjects;

/// <summary>Everything that is measured. What is compared lies side by side.</summary>
internal static class KnownSubjects
{
    /// <summary>A call of the mesh within a request that brought nothing, and to a service that gets no token.</summary>
    private static readonly Subject Request = Propagating("request", baseline: null, Brought.Nothing);

    private static readonly Subject Server = Receiving("server", baseline: null, mesh: false);

    public static readonly IReadOnlyList<Subject> All =
    [
        .. KnownStacks.All.Select(Calling),
        Request,
        Propagating("context", Request.Name, Brought.Context),
        Propagating("propagate", Request.Name, Brought.Context | Brought.User) with { Budget = new(Bytes: 256, CpuNs: 300) },
        Server,
        Receiving("inbound", Server.Name, mesh: true) with { Budget = new(Bytes: 500, CpuNs: 1_000) },
        new("telemetry", Baseline: null, _ => TelemetryLoop.StartAsync())
        {
            Transports = [BenchmarkCase.Sync],
            Budget = new(Bytes: 0, CpuNs: double.PositiveInfinity),
        },
    ];

    public static Subject Of(BenchmarkCase benchmarkCase) => All.Single(s => s.Name == benchmarkCase.Stack);

    private static Subject Calling(Stack stack) => new(stack.Name, stack == KnownStacks.Bare ? null : KnownStacks.Bare.Name, measured => CallLoop.StartAsync(stack, measured))
    {
        Uris = [BenchmarkCase.Repeated, BenchmarkCase.Fresh],

        // The stock stack needs about three seconds until its code is fully optimised; the same for those beside it.
        ShortestWarmUp = TimeSpan.FromSeconds(3),
    };

    private static Subject Propagating(string name, string? baseline, Brought brought) =>
        new(name, baseline, measured => PropagationLoop.StartAsync(measured.Transport, brought)) { QuickTransports = [BenchmarkCase.Sync] };

    private static Subject Receiving(string name, string? baseline, bool mesh) =>
        new(name, baseline, measured => RequestLoop.StartAsync(measured.Transport, mesh)) { QuickTransports = [BenchmarkCase.Yield] };
}
