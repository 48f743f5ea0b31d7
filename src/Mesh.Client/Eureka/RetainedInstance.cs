using Mesh.Client.Eureka.Wire;

namespace Mesh.Client.Eureka;

/// <summary>An instance that is believed although the registry does not list it as up.</summary>
/// <param name="Instance">As it was while it was up.</param>
/// <param name="Until">When it is given up.</param>
/// <param name="Suspected">Whether the registry says that it is gone.</param>
internal sealed record RetainedInstance(EurekaInstance Instance, TimeSpan Until, bool Suspected);
