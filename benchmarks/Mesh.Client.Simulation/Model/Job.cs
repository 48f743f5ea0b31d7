using Mesh.Client.Primitives;

namespace Mesh.Client.Simulation.Model;

/// <summary>The work of one attempt on a server.</summary>
internal sealed class Job(double demand, Action done)
{
    public double Demand => demand;

    public Action Done => done;

    public JobState State { get; set; }

    /// <summary>When it arrived, microseconds.</summary>
    public MeshTime Start { get; set; }

    /// <summary>On the server's clock of work.</summary>
    public double End { get; set; }
}
