using System.Globalization;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Balancing.Locality;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Simulation.Model;

namespace Mesh.Client.Simulation.Results;

/// <summary>Which of 10,000 servers each of 10,000 clients uses, by the product's own order, with the ordinals that a registry gives; and
/// what changes cost.</summary>
/// <remarks>It is no run: only the lists of endpoints matter.</remarks>
/// <param name="MostOverMean">The clients of the server with the most, as a multiple of the mean.</param>
/// <param name="ForNewServer">New connections of all clients when a server comes.</param>
/// <param name="ForLostServer">The same when one goes.</param>
/// <param name="ForNewClient">New connections of all others when a client comes.</param>
internal sealed record SubsetStudy(double MostOverMean, int ForNewServer, int ForLostServer, int ForNewClient)
{
    public const int Size = 20;

    private const int Servers = 10_000;
    private const int Clients = 10_000;

    private static readonly Lazy<SubsetStudy> Product = new(() => Measure(Servers, Clients));

    public int MostForServer => Math.Max(ForNewServer, ForLostServer);

    /// <summary>Null for a policy that is not the product's default.</summary>
    public static SubsetStudy? For(string policy) => policy == "Adaptive" ? Product.Value : null;

    public static SubsetStudy Measure(int servers, int clients)
    {
        // One more than there are at first: the one that comes. Its number is the next, as the one that goes leaves the lowest free.
        var all = Enumerable.Range(0, servers + 1).Select(Server).ToArray();
        Endpoint[] before = all[..servers];
        Endpoint[] less = [.. before.Where((_, i) => i != servers / 3)];
        var subsets = new Endpoint[clients][];
        var added = 0;
        var replaced = 0;
        Parallel.For(0, clients, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            var own = Client(i);
            subsets[i] = NearestEndpoints.Of(before, own, Size);
            Interlocked.Add(ref added, NearestEndpoints.Of(all, own, Size).Except(subsets[i]).Count());
            Interlocked.Add(ref replaced, NearestEndpoints.Of(less, own, Size).Except(subsets[i]).Count());
        });

        // One client more: each of the others is asked again whether it still stands where it stood.
        var moved = Enumerable.Range(0, clients).AsParallel()
            .Sum(i => NearestEndpoints.Of(before, Client(i, clients + 1), Size).Except(subsets[i]).Count());
        var callers = subsets.SelectMany(subset => subset).CountBy(server => server).ToDictionary();
        return new SubsetStudy(callers.Values.Max() / (clients * (double)Size / servers), added, replaced, moved);
    }

    /// <param name="index">Its number.</param>
    /// <param name="clients">How many instances of its service the registry tells it of; 0 for itself alone.</param>
    private static OwnLocality Client(int index, int clients = 0)
    {
        var place = new LocalityProvider("callers", zone: null, "machine");
        var id = "caller-" + Text(index);
        place.Registers(id);
        EndpointDescription self = Instance("http://10.1.0.1:" + Text(Fleet.FirstPort + index), id, index);
        place.Heard("callers", clients == 0 ? [self] : [self, Instance("http://10.1.0.2", "caller-" + Text(clients), clients)]);
        return place.Current;
    }

    private static Endpoint Server(int index)
    {
        var description = Instance("http://10.0.0.1:" + Text(Fleet.FirstPort + index), "server-" + Text(index), index);
        var settings = new TransportSettings(
            HostHeader.Auto, TlsName: null, static _ => throw new InvalidOperationException("A study has no connections."));
        return new Endpoint(description, new EndpointTransport(description, settings), now: default);
    }

    private static EndpointDescription Instance(string address, string id, int ordinal) =>
        new()
        {
            Address = new Uri(address),
            InstanceId = id,
            Labels = new Dictionary<string, string> { [EndpointLocality.OrdinalLabel] = Text(ordinal) }
        };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
