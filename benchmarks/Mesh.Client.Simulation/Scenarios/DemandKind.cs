namespace Mesh.Client.Simulation.Scenarios;

/// <summary>How the work of requests is distributed.</summary>
internal enum DemandKind
{
    Exponential,

    /// <summary>Sigma 1.</summary>
    LogNormal,

    /// <summary>Nine of ten take half of the mean, the tenth the rest.</summary>
    Bimodal,
}
