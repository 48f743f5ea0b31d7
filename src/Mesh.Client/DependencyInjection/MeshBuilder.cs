using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.DependencyInjection;

internal sealed record MeshBuilder(IServiceCollection Services) : IMeshBuilder;
