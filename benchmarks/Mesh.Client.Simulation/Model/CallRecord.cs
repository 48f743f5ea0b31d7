namespace Mesh.Client.Simulation.Model;

/// <summary>How one call went. Milliseconds.</summary>
internal readonly record struct CallRecord(double Arrived, double Latency, bool Ok, int Attempts);
