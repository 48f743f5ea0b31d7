using System.Globalization;
using Mesh.Client.Benchmarks.Measuring;
using Mesh.Client.Benchmarks.Stacks;

namespace Mesh.Client.Benchmarks.Registry;

/// <summary>What it costs that a source names 5,000 services, and then says something new about one of them.</summary>
internal static class PublishMeter
{
    private const int Services = 5_000;
    private const int Few = 10;
    private const int EndpointsOfEach = 3;

    /// <summary>So many that the clock of the process can tell their time.</summary>
    private const int PublishedInTurn = 20_000;

    public static async Task<PublishFigures> MeasureAsync(bool quick)
    {
        List<Measurement> all = [];
        List<Measurement> oneOfFew = [];
        List<Measurement> oneOfAll = [];
        var turns = quick ? 5 : 15;
        for (var turn = -turns; turn < turns; turn++)
        {
            await using var small = await PublishedRegistry.StartAsync(new InstantHandler());
            await using var large = await PublishedRegistry.StartAsync(new InstantHandler());
            var lists = Lists(Services);
            await PublishAll(small, lists[..Few]);
            var first = await Turn.MeasureAsync(() => PublishAll(large, lists));
            if (large.Services.Count(static service => service.Endpoints.Current.All.Length == EndpointsOfEach) != Services)
            {
                throw new InvalidOperationException("The endpoints are not those that were published.");
            }

            var second = await Turn.MeasureAsync(() => PublishOne(small, lists[Few / 2]));
            var third = await Turn.MeasureAsync(() => PublishOne(large, lists[Services / 2]));
            if (turn >= 0)
            {
                all.Add(first);
                oneOfFew.Add(second);
                oneOfAll.Add(third);
            }
        }

        return new PublishFigures(
            Services, EndpointsOfEach, Turn.Median(all), Few, EachOf(Turn.Median(oneOfFew)), EachOf(Turn.Median(oneOfAll)));
    }

    private static Task PublishAll(PublishedRegistry registry, (string Name, EndpointDescription[] Endpoints)[] lists)
    {
        foreach (var (name, endpoints) in lists)
        {
            registry.Publish(name, endpoints);
        }

        return Task.CompletedTask;
    }

    // As a source that has found one endpoint in place of another, back and forth.
    private static Task PublishOne(PublishedRegistry registry, (string Name, EndpointDescription[] Endpoints) list)
    {
        EndpointDescription[][] both = [[.. list.Endpoints[..^1], Describe(Services * EndpointsOfEach)], list.Endpoints];
        for (var i = 0; i < PublishedInTurn; i++)
        {
            registry.Publish(list.Name, both[i % 2]);
        }

        return Task.CompletedTask;
    }

    private static Measurement EachOf(Measurement turn) => new(turn.Bytes / PublishedInTurn, turn.CpuNs / PublishedInTurn);

    private static (string Name, EndpointDescription[] Endpoints)[] Lists(int services) =>
        [.. Enumerable.Range(0, services).Select(static service => (
            string.Create(CultureInfo.InvariantCulture, $"service-{service}"),
            Enumerable.Range(service * EndpointsOfEach, EndpointsOfEach).Select(Describe).ToArray()))];

    private static EndpointDescription Describe(int number) =>
        new()
        {
            Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://10.1.{number / 250}.{(number % 250) + 1}:8080")),
            InstanceId = number.ToString(CultureInfo.InvariantCulture),
        };
}
