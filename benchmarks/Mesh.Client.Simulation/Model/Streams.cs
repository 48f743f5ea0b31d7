namespace Mesh.Client.Simulation.Model;

/// <summary>What random numbers are for; each has a stream of its own.</summary>
internal static class Streams
{
    public const int Arrivals = 1;
    public const int Clients = 2;
    public const int Demand = 3;
    public const int Faults = 4;
    public const int Servers = 5;
    public const int Policy = 6;
}
