namespace Mesh.Client.Benchmarks.Measuring;

/// <summary>What a call costs.</summary>
/// <param name="Bytes">Allocated bytes.</param>
/// <param name="CpuNs">Processor time of the whole process, with compiler, collector and pool threads.</param>
internal readonly record struct Measurement(double Bytes, double CpuNs);
