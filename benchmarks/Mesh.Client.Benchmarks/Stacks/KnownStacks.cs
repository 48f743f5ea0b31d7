using Mesh.Client.Outbound.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Mesh.Client.Benchmarks.Stacks;

/// <summary>Everything that is compared.</summary>
internal static class KnownStacks
{
    /// <summary>A client of the factory and nothing else: what the others are added to.</summary>
    public static readonly Stack Bare = new("bare", PutStubAsPrimary);

    /// <summary>The packages of .NET with all defaults, in the order of the service defaults template of Aspire.</summary>
    public static readonly Stack Stock = new(
        "stock",
        (services, stub) =>
        {
            services.AddServiceDiscovery();
            services.ConfigureHttpClientDefaults(http =>
            {
                http.AddStandardResilienceHandler();
                http.AddServiceDiscovery();
            });
            PutStubAsPrimary(services, stub);
        },
        ResolvesAddress: true);

    /// <summary>The mesh sends through the connections of the endpoint it picked, so that its stub stands there.</summary>
    public static readonly Stack Mesh = new("mesh", (services, stub) =>
    {
        services.AddMesh();
        services.RemoveAll<ITransportFactory>();
        services.AddSingleton<ITransportFactory>(new StubTransportFactory(stub));
    });

    public static readonly IReadOnlyList<Stack> All = [Bare, Stock, Mesh];

    private static void PutStubAsPrimary(IServiceCollection services, StubHandler stub) =>
        services.ConfigureHttpClientDefaults(http => http.ConfigurePrimaryHttpMessageHandler(() => stub));
}
