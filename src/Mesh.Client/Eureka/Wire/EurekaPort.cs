namespace Mesh.Client.Eureka.Wire;

/// <summary>A port of an instance; 0 where the registry's number was missing or no number.</summary>
internal readonly record struct EurekaPort(int Number, bool Enabled);
