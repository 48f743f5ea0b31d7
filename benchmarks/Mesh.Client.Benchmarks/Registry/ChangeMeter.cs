using System.Globalization;
using Mesh.Client.Benchmarks.Measuring;
using Mesh.Client.Benchmarks.Stacks;

namespace Mesh.Client.Benchmarks.Registry;

/// <summary>What it costs that ten endpoints of a service with 10,000 are others now, beside taking all
/// 10,000 anew. In one process, in turns.</summary>
internal static class ChangeMeter
{
    private const int Endpoints = 10_000;
    private const int Changed = 10;
    private const int ChangesInTurn = 100;
    private const string Service = "published";

    /// <summary>The subset of a process is worked out, too: 32 of all, which is the default.</summary>
    public static async Task<ChangeFigures> MeasureAsync(bool quick)
    {
        await using var registry = await PublishedRegistry.StartAsync(new InstantHandler());

        // Those that a turn takes away are spread over the list, and the ones that come take their places.
        int[] some = [.. Enumerable.Range(0, Changed).Select(i => (i * Endpoints / Changed) + 500)];
        int[] others = [.. Enumerable.Range(Endpoints, Changed)];
        var list = Described();
        registry.Publish(Service, list);

        var body = new RegistryBody(1, Endpoints);
        byte[][] fulls = [body.Full(wordy: true), body.Full(wordy: true, generation: 1)];
        byte[][] exchanges = [body.Exchange(some, others), body.Exchange(others, some)];
        await registry.ReplaceAsync(fulls[0]);
        if (registry.Services.Where(service => service.Endpoints.Current.All.Length > 0)
            .Select(service => (service.Endpoints.Current.All.Length, service.Endpoints.Current.Usable.Length)).Distinct()
                .ToList() is not [(Endpoints, 32)])
        {
            throw new InvalidOperationException("The endpoints are not those that were published.");
        }

        List<Measurement> whole = [];
        List<Measurement> ten = [];
        List<Measurement> fullAnswer = [];
        List<Measurement> delta = [];
        var turns = quick ? 3 : 15;
        for (var turn = quick ? -2 : -15; turn < turns; turn++)
        {
            list = Described();
            var first = await Turn.MeasureAsync(() => Publish(list));
            var second = await Turn.MeasureAsync(Change);
            var third = await Turn.MeasureAsync(() => registry.ReplaceAsync(fulls[turn & 1]));
            var fourth = await Turn.MeasureAsync(DeltasAsync);
            if (turn >= 0)
            {
                whole.Add(first);
                ten.Add(second);
                fullAnswer.Add(third);
                delta.Add(fourth);
            }
        }

        return new ChangeFigures(
            Endpoints, Turn.Median(whole), EachOf(Turn.Median(ten)), Turn.Median(fullAnswer), EachOf(Turn.Median(delta)));

        Task Publish(EndpointDescription[] endpoints)
        {
            registry.Publish(Service, endpoints);
            return Task.CompletedTask;
        }

        // As a source makes its next list: one copy, in which ten are other objects.
        Task Change()
        {
            for (var i = 0; i < ChangesInTurn; i++)
            {
                EndpointDescription[] next = [.. list];
                for (var k = 0; k < Changed; k++)
                {
                    next[some[k]] = Describe(i % 2 == 0 ? others[k] : some[k]);
                }

                list = next;
                registry.Publish(Service, list);
            }

            return Task.CompletedTask;
        }

        async Task DeltasAsync()
        {
            for (var i = 0; i < ChangesInTurn; i++)
            {
                await registry.ApplyAsync(exchanges[i % 2]);
            }
        }
    }

    private static Measurement EachOf(Measurement turn) => new(turn.Bytes / ChangesInTurn, turn.CpuNs / ChangesInTurn);

    private static EndpointDescription[] Described() => [.. Enumerable.Range(0, Endpoints).Select(Describe)];

    private static EndpointDescription Describe(int number) =>
        new()
        {
            Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://10.1.{number / 250}.{(number % 250) + 1}:8080")),
            InstanceId = number.ToString(CultureInfo.InvariantCulture),
        };
}
