using static Mesh.Client.Faults.Backends.BackendBehaviour;

namespace Mesh.Client.Faults.Scenarios;

/// <summary>Everything that is measured.</summary>
internal static class KnownScenarios
{
    public static readonly IReadOnlyList<Scenario> All =
    [
        new() { Id = "B1", Title = "1 of 3 dead", Instances = [Dead, Healthy, Healthy] },
        new()
        {
            Id = "B2",
            Title = "1 of 10 dead",
            Instances = [Dead, .. Enumerable.Repeat(Healthy, 9)],
            Duration = TimeSpan.FromSeconds(30),
        },
        new() { Id = "B3", Title = "1 of 3 answers 500 at once", Instances = [Failing, Healthy, Healthy] },
        new()
        {
            Id = "B4",
            Title = "1 of 3 slow (800 ms, not 5 ms)",
            Instances = [Slow, Healthy, Healthy],
            RequestsPerSecond = 200,
            ComparesShares = true,
        },
        new()
        {
            Id = "B5",
            Title = "rolling restart of 3",
            Instances = [Healthy, Healthy, Healthy],
            Duration = TimeSpan.FromSeconds(30),
            Disturbance = RollingRestart.RunAsync,
        },
        new() { Id = "B6", Title = "1 of 3 dead, little load", Instances = [Dead, Healthy, Healthy], RequestsPerSecond = 2 },
        new() { Id = "B7", Title = "one POST, all answer 503", Instances = [Unavailable, Unavailable, Unavailable], SinglePost = true },
        new()
        {
            Id = "B14",
            Title = "200 fresh applications, 1 call each",
            Instances = [Healthy, Healthy, Healthy, Healthy],
            FreshApplications = 200,
            ComparesShares = true,
        },
        new() { Id = "refuse-429", Title = "1 of 3 answers 429 at once", Instances = [TooMany, Healthy, Healthy] },
        new() { Id = "refuse-404", Title = "1 of 3 answers 404 at once", Instances = [NotFound, Healthy, Healthy] },
        new() { Id = "grpc-unavailable", Title = "1 of 3 answers grpc-status 14 at once", Instances = [GrpcUnavailable, Healthy, Healthy] },
        new() { Id = "grpc-unimplemented", Title = "1 of 3 answers grpc-status 12 at once",
            Instances = [GrpcUnimplemented, Healthy, Healthy] },
        new() { Id = "redirect", Title = "1 of 3 redirects to a login page at once", Instances = [Redirecting, Healthy, Healthy] },
        new() { Id = "broken-body-small", Title = "1 of 3 breaks bodies of 100 bytes", Instances = [BrokenSmallBody, Healthy, Healthy] },
        new() { Id = "broken-body-large", Title = "1 of 3 breaks bodies of 64 KiB", Instances = [BrokenLargeBody, Healthy, Healthy] },

        // 200 + 100 + 50 requests a second are all that they can do; this is 70 % of it.
        new()
        {
            Id = "speeds",
            Title = "speeds 4:2:1, 70 % load",
            Instances = [Worker, HalfWorker, QuarterWorker],
            RequestsPerSecond = 245,
            ComparesShares = true,
        },
    ];
}
