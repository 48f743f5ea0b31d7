namespace Mesh.Client.Simulation.Scenarios;

/// <summary>The requests that arrived from one time up to another, milliseconds.</summary>
internal sealed record Window(string Name, double From, double To);
