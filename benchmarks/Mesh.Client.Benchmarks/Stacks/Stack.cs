using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Benchmarks.Stacks;

/// <summary>The layers between the application and the stub.</summary>
/// <param name="Name">How the command line, the table and the file of results call it.</param>
/// <param name="Configure">What an application writes to get it, and how the stub gets below it.</param>
/// <param name="ResolvesAddress">Whether a request must arrive with the address of an endpoint instead of the service's name.</param>
internal sealed record Stack(string Name, Action<IServiceCollection, StubHandler> Configure, bool ResolvesAddress = false);
