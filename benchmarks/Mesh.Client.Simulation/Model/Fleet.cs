using System.Globalization;
using Mesh.Client.Inbound;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;
using Mesh.Client.Simulation.Scenarios;

namespace Mesh.Client.Simulation.Model;

/// <summary>The servers of a run, and what the registry says about them.</summary>
internal sealed class Fleet
{
    public const int FirstPort = 10_000;

    private readonly EndpointDescription[] _descriptions;
    private readonly bool[] _listed;

    public Fleet(Scenario scenario, SimulatedTime time, MeshClock clock)
    {
        Servers =
            [.. scenario.ServerSpeeds().Select(speed => new Server(time, new ServerLoad(clock), scenario.Workers, speed, scenario.Fifo))];
        Capacity = scenario.ServerSpeeds().Sum() * scenario.Workers / scenario.MeanMs;
        _descriptions = [.. Enumerable.Range(0, Servers.Length).Select(Describe)];
        _listed = [.. Servers.Select(_ => true)];
    }

    public Server[] Servers { get; }

    /// <summary>Requests per millisecond that all servers together can do. Faults do not change it.</summary>
    public double Capacity { get; }

    /// <summary>Called with the new list when the registry's view has changed.</summary>
    public Action<IReadOnlyList<EndpointDescription>>? Changed { get; set; }

    public IReadOnlyList<EndpointDescription> Listed => [.. _descriptions.Where((_, i) => _listed[i])];

    public static int IndexOf(Endpoint endpoint) => endpoint.Description.Address.Port - FirstPort;

    public Server ServerOf(Endpoint endpoint) => Servers[IndexOf(endpoint)];

    public void List(IEnumerable<int> servers, bool listed)
    {
        foreach (var server in servers)
        {
            _listed[server] = listed;
        }

        Changed?.Invoke(Listed);
    }

    private static EndpointDescription Describe(int index) =>
        new()
        {
            Address = new Uri("http://10.0.0.1:" + (FirstPort + index).ToString(CultureInfo.InvariantCulture)),
            Labels = new Dictionary<string, string> { [EndpointLocality.OrdinalLabel] = index.ToString(CultureInfo.InvariantCulture) },
        };
}
