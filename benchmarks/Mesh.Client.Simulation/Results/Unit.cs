namespace Mesh.Client.Simulation.Results;

/// <summary>How a figure is written.</summary>
internal enum Unit
{
    /// <summary>A multiple of the oracle's.</summary>
    Multiple,
    Milliseconds,

    /// <summary>Per cent.</summary>
    Share,
    Ratio,
    Count,
}
