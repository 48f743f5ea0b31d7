using Mesh.Client.Eureka.Wire;

namespace Mesh.Client.Eureka;

/// <summary>An instance that is accepted although the registry does not list it as up.</summary>
/// <param name="Instance">As it was while it was up.</param>
/// <param name="Until">When it is dropped.</param>
/// <param name="Suspected">Whether the registry reports it as gone.</param>
internal sealed record RetainedInstance(EurekaInstance Instance, TimeSpan Until, bool Suspected);
