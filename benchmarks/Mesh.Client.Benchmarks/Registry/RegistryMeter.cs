using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Mesh.Client.Benchmarks.Measuring;
using Mesh.Client.Benchmarks.Stacks;

namespace Mesh.Client.Benchmarks.Registry;

/// <summary>Measures all of it in one process, in turns.</summary>
internal static class RegistryMeter
{
    private const int Services = 250;
    private const int InstancesOfEach = 20;
    private const int CountedServices = 50;
    private const int LargeServices = 500;
    private const int LargeInstancesOfEach = 100;
    private const int DeltasInTurn = 100;
    private const int CallTurns = 7;
    private const int MemoryTurns = 5;

    private static readonly TimeSpan CallTurn = TimeSpan.FromSeconds(1.5);

    public static async Task<RegistryFigures> MeasureAsync(bool quick)
    {
        var body = new RegistryBody(Services, InstancesOfEach);
        var full = body.Full(wordy: true);
        byte[][] deltas = [.. Enumerable.Range(1, 14).Select(generation => body.Delta(changed: 10, generation))];
        await using var registry = await PublishedRegistry.StartAsync(new InstantHandler());
        await registry.ReplaceAsync(full);
        if (await registry.ReplaceAsync(full) || registry.Services.Sum(service => service.Endpoints.Current.All.Length) != body.Count)
        {
            throw new InvalidOperationException("The endpoints are not those of the registry.");
        }

        List<Measurement> model = [];
        List<Measurement> read = [];
        List<Measurement> unchanged = [];
        List<Measurement> delta = [];
        var next = 0;

        // The first turns are for the compiler.
        var (warmUp, turns) = quick ? (2, 3) : (25, 31);
        for (var turn = -warmUp; turn < turns; turn++)
        {
            var (first, second) =
                (await Turn.MeasureAsync(ModelAsync), await Turn.MeasureAsync(() => PublishedRegistry.ReadAsync(full, memory: null)));
            await registry.ReplaceAsync(full);
            var third = await Turn.MeasureAsync(() => registry.ReplaceAsync(full));
            var fourth = await Turn.MeasureAsync(DeltasAsync);
            if (turn >= 0)
            {
                model.Add(first);
                read.Add(second);
                unchanged.Add(third);
                delta.Add(new Measurement(fourth.Bytes / DeltasInTurn, fourth.CpuNs / DeltasInTurn));
            }
        }

        // Twice as many in as many services: what is more is the endpoints'; the rest the services have.
        // Other threads of the process make a little, too.
        List<long> few = [];
        List<long> many = [];
        for (var turn = 0; turn < MemoryTurns; turn++)
        {
            few.Add(await LiveBytesAsync(InstancesOfEach));
            many.Add(await LiveBytesAsync(2 * InstancesOfEach));
        }

        var fewBytes = few.Order().ElementAt(MemoryTurns / 2);
        var ofEndpoint = (many.Order().ElementAt(MemoryTurns / 2) - fewBytes) / (double)(CountedServices * InstancesOfEach);
        var ofService = (fewBytes / (double)CountedServices) - (ofEndpoint * InstancesOfEach);
        return new RegistryFigures(
            body.Count,
            full.Length / 1e6,
            Turn.Median(model),
            Turn.Median(read),
            Least(model),
            Least(read),
            Turn.Median(unchanged),
            Turn.Median(delta),
            ofEndpoint,
            ofService,
            quick ? null : await CallsAsync());

        Task ModelAsync()
        {
            var applications = JsonSerializer.Deserialize(full, FullModelContext.Default.FullModel)!.Applications;
            return applications.Application.Count == Services && applications.Application[0].Instance[0].LeaseInfo is not null
                ? Task.CompletedTask
                : throw new InvalidOperationException("The model does not hold what the registry says.");
        }

        async Task DeltasAsync()
        {
            for (var i = 0; i < DeltasInTurn; i++)
            {
                await registry.ApplyAsync(deltas[next++ % deltas.Length]);
            }
        }
    }

    /// <summary>What an application keeps of a registry: all, from the reader's memory to the counters of the endpoints.</summary>
    private static async Task<long> LiveBytesAsync(int instancesOfEach)
    {
        var full = new RegistryBody(CountedServices, instancesOfEach).Full(wordy: true);
        await using var registry = await PublishedRegistry.StartAsync(new InstantHandler());
        var before = LiveBytes();
        registry.Replace(full);
        var after = LiveBytes();
        GC.KeepAlive(registry);
        return after - before;
    }

    /// <summary>The runtime's own way, which waits for nothing but a difference of less than a twentieth, is not exact enough.</summary>
    private static long LiveBytes()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        GC.Collect();
        return GC.GetTotalMemory(forceFullCollection: false);
    }

    /// <summary>Calls one after the other, with a pause between them: alone, beside a thread that only works, and beside refreshes of a
    /// very large registry; in turns.</summary>
    private static async Task<CallFigures> CallsAsync()
    {
        var body = new RegistryBody(LargeServices, LargeInstancesOfEach);

        // Of one in a hundred there are two versions, as after a rollout of some services; or of every one: nothing can be left as it was.
        byte[][] usual = [body.FullWithAFewChanged(0), body.FullWithAFewChanged(1)];
        byte[][] anew = [body.Full(wordy: false), body.Full(wordy: false, generation: 1)];
        await using var registry = await PublishedRegistry.StartAsync(new YieldingHandler());
        await registry.ReplaceAsync(usual[0]);
        _ = await LoadAsync(registry.Client, CallTurn * 2);
        List<Percentiles> alone = [];
        List<Percentiles> working = [];
        var refreshing = new Refreshing();
        var renewing = new Refreshing();
        for (var turn = 0; turn < CallTurns; turn++)
        {
            alone.Add(await LoadAsync(registry.Client, CallTurn));

            // As busy, with the same bytes, and it makes nothing: what it costs the calls is the cores' doing.
            working.Add(await BesideAsync(() =>
            {
                _ = SHA256.HashData(usual[0]);
                return Task.CompletedTask;
            }));
            await RefreshAsync(refreshing, usual);
            await RefreshAsync(renewing, anew);
            await registry.ReplaceAsync(usual[0]);
        }

        return new CallFigures(Percentiles.Median(alone), Percentiles.Median(working), refreshing.Figures(), renewing.Figures());

        async Task RefreshAsync(Refreshing figures, byte[][] bodies)
        {
            var before = GC.GetTotalPauseDuration();
            figures.Latencies.Add(await BesideAsync(() => registry.ReplaceAsync(bodies[1 - (figures.Count++ % 2)])));
            figures.Paused += GC.GetTotalPauseDuration() - before;
        }

        async Task<Percentiles> BesideAsync(Func<Task> work)
        {
            using var stop = new CancellationTokenSource();
            var beside = Task.Run(async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    await work();
                }
            });
            var latencies = await LoadAsync(registry.Client, CallTurn);
            await stop.CancelAsync();
            await beside;
            return latencies;
        }
    }

    private static async Task<Percentiles> LoadAsync(HttpClient client, TimeSpan length)
    {
        var latencies = new List<double>();
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; Stopwatch.GetElapsedTime(started) < length; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            using (var response = await client.GetAsync(new Uri($"http://service-{i % LargeServices:000}-api/")))
            {
                response.EnsureSuccessStatusCode();
            }

            latencies.Add(Stopwatch.GetElapsedTime(begun).TotalMicroseconds);
            Thread.SpinWait(500);
        }

        return Percentiles.Of(latencies);
    }

    /// <summary>What is counted beside refreshes.</summary>
    private sealed class Refreshing
    {
        public List<Percentiles> Latencies { get; } = [];

        public int Count { get; set; }

        public TimeSpan Paused { get; set; }

        public RefreshFigures Figures() => new(Percentiles.Median(Latencies), Count, Paused.TotalMilliseconds / Count);
    }

    private static double Least(List<Measurement> measurements) => measurements.Min(m => m.CpuNs);
}
