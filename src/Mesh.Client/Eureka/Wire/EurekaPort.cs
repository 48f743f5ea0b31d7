namespace Mesh.Client.Eureka.Wire;

/// <summary>A port of an instance; 0 where the registry gave no number, or not a valid one.</summary>
internal readonly record struct EurekaPort(int Number, bool Enabled);
