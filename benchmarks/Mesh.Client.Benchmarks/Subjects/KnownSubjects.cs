using Mesh.Client.Benchmarks.Inbound;
using Mesh.Client.Benchmarks.Measuring;
using Mesh.Client.Benchmarks.Picking;
using Mesh.Client.Benchmarks.Propagation;
using Mesh.Client.Benchmarks.Stacks;
using Mesh.Client.Benchmarks.Telemetry;

namespace Mesh.Client.Benchmarks.Subjects;

/// <summary>Everything that is measured. What is compared lies side by side.</summary>
internal static class KnownSubjects
{
    public static readonly IReadOnlyList<Subject> All =
    [
        .. KnownStacks.All.Select(Calling),
        Propagating("context", Brought.Context) with { QuickTransports = [] },
        Propagating("propagate", Brought.User) with { Budget = new(Bytes: 256, CpuNs: 300) },
        Serving("inbound", aborted: false) with { QuickTransports = [BenchmarkCase.Yield], Budget = new(Bytes: 500, CpuNs: 1_000) },
        Serving("inbound-aborted", aborted: true) with { QuickTransports = [] },
        new("telemetry", Baseline: null, _ => TelemetryLoop.StartAsync())
        {
            Transports = [BenchmarkCase.Sync],
            QuickTransports = [BenchmarkCase.Sync],
            Budget = new(Bytes: 0, CpuNs: double.PositiveInfinity),
        },
        Picking("yarp-pick", () => YarpPickLoop.StartAsync(32), beside: null),
        Picking("pick", () => PickLoop.StartAsync(32), ("yarp-pick", 40)),
        Picking("pick-many", () => PickLoop.StartAsync(10_000), ("pick", 1.5)),
    ];

    public static Subject Of(BenchmarkCase benchmarkCase) => All.Single(s => s.Name == benchmarkCase.Stack);

    private static Subject Calling(Stack stack) =>
        new(stack.Name, stack == KnownStacks.Bare ? null : KnownStacks.Bare.Name, measured => CallLoop.StartAsync(stack, measured))
        {
            Uris = [BenchmarkCase.Repeated, BenchmarkCase.Fresh],

            // The stock stack needs about three seconds until its code is fully optimised; the same for those beside it.
            ShortestWarmUp = TimeSpan.FromSeconds(3),
        };

    /// <summary>Nothing but the choice of an endpoint, and what belongs to it.</summary>
    private static Subject Picking(string name, Func<Task<ILoop>> start, (string Name, double Times)? beside) =>
        new(name, Baseline: null, _ => start())
        {
            Transports = [BenchmarkCase.Sync],
            QuickTransports = [BenchmarkCase.Sync],
            Budget = new(Bytes: 0, CpuNs: double.PositiveInfinity) { Beside = beside },
        };

    /// <summary>The mesh's middleware, against an application without it.</summary>
    private static Subject Serving(string name, bool aborted) =>
        new(name, Baseline: null, measured => RequestLoop.StartAsync(measured.Transport, aborted, mesh: true))
        {
            StartBaselineAsync = measured => RequestLoop.StartAsync(measured.Transport, aborted, mesh: false),
        };

    /// <summary>Against a call of the mesh within a request that brought nothing, and to a service that gets no token.</summary>
    private static Subject Propagating(string name, Brought brought) =>
        new(name, Baseline: null, measured => PropagationLoop.StartAsync(measured.Transport, brought))
        {
            StartBaselineAsync = measured => PropagationLoop.StartAsync(measured.Transport, Brought.Nothing),
            QuickTransports = [BenchmarkCase.Sync],
        };
}
