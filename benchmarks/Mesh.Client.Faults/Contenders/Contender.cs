using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Faults.Contenders;

/// <summary>A way to call a service by its name.</summary>
/// <param name="Name">How the command line, the table and the file of results call it.</param>
/// <param name="Configure">What an application writes to get it.</param>
internal sealed record Contender(string Name, Action<IServiceCollection> Configure);
