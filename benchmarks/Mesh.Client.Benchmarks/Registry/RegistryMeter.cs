using System.Diagnostics;
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

    public static async Task<RegistryFigures> MeasureAsync(bool quick)
    {
        var body = new RegistryBody(Services, InstancesOfEach);
        var full = body.Full(wordy: true);
        byte[][] deltas = [.. Enumerable.Range(1, 14).Select(generation => body.Delta(changed: 10, generation))];
        await using var registry = await PublishedRegistry.StartAsync(new InstantHandler());
        await registry.ReplaceAsync(full);
        if (await registry.ReplaceAsync(full) || registry.Services.Sum(service => service.Endpoints.All.Length) != body.Count)
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
            var (first, second) = (await Turn.MeasureAsync(ModelAsync), await Turn.MeasureAsync(() => PublishedRegistry.ReadAsync(full, memory: null)));
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
        var few = await LiveBytesAsync(InstancesOfEach);
        var ofEndpoint = (await LiveBytesAsync(2 * InstancesOfEach) - few) / (double)(CountedServices * InstancesOfEach);
        var ofService = (few / (double)CountedServices) - (ofEndpoint * InstancesOfEach);
        var (quiet, refreshing, refreshes) = quick ? (null, null, 0) : await CallsAsync();
        return new RegistryFigures(body.Count, full.Length / 1e6, Turn.Median(model), Turn.Median(read), Turn.Median(unchanged), Turn.Median(delta), ofEndpoint, ofService, quiet, refreshing, refreshes);

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
        var before = GC.GetTotalMemory(forceFullCollection: true);
        registry.Replace(full);
        var after = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(registry);
        return after - before;
    }

    /// <summary>Calls one after the other, with a pause between them, alone and beside refreshes of a very large registry.</summary>
    private static async Task<(Percentiles? Quiet, Percentiles? Refreshing, int Refreshes)> CallsAsync()
    {
        var body = new RegistryBody(LargeServices, LargeInstancesOfEach);
        byte[][] bodies = [body.Full(wordy: false), body.Full(wordy: false, generation: 1)];
        await using var registry = await PublishedRegistry.StartAsync(new YieldingHandler());
        await registry.ReplaceAsync(bodies[0]);
        var length = TimeSpan.FromSeconds(5);
        _ = await LoadAsync(registry.Client, length / 2);
        var quiet = await LoadAsync(registry.Client, length);
        using var stop = new CancellationTokenSource();
        var refreshes = 0;
        var refreshing = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                // Every instance is another version each time: nothing can be left as it was.
                await registry.ReplaceAsync(bodies[++refreshes % 2]);
            }
        });
        var beside = await LoadAsync(registry.Client, length);
        await stop.CancelAsync();
        await refreshing;
        return (quiet, beside, refreshes);
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
}
