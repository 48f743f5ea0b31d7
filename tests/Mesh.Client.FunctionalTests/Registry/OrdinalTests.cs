using Mesh.Client.FunctionalTests.Servers;
using Mesh.Client.Outbound.Balancing.Locality;
using Mesh.Client.Outbound.Endpoints;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Registry;

/// <summary>The registry numbers the instances, and each learns its own number from what it fetches.</summary>
public sealed class OrdinalTests
{
    [Fact]
    public async Task Instances_learn_where_they_and_others_stand()
    {
        await using var registry = await RegistryServer.StartAsync();
        await using var first = await MeshInstance.StartAsync(
            "catalog", registry.Url, settings: new Settings().With("Service:Zone", "eu-1a"));
        await using var second = await MeshInstance.StartAsync(
            "catalog", registry.Url, settings: new Settings().With("Service:Zone", "eu-1a"));
        await using var third = await MeshInstance.StartAsync(
            "catalog", registry.Url, settings: new Settings().With("Service:Zone", "eu-1b"));

        await Patience.UntilAsync(
            () => Place(first) is { Ring: not null } some
                && Place(second) is { Ring: not null } other
                && Place(third).Ring is not null
                && some.Ring != other.Ring
                && some.Seed != other.Seed,
            "all have a place on the ring, each its own");
        await Patience.UntilAsync(
            () => Place(first).Peers is var peers && peers.GetValueOrDefault("eu-1a") == 2 && peers.GetValueOrDefault("eu-1b") == 1,
            "the first knows where its peers are");

        await using var caller = new MeshApplication(Settings.Registry(registry.Url));
        using var client = caller.Client();
        Assert.Equal("hello", await client.GetStringAsync(new Uri("http://catalog/"), TestContext.Current.CancellationToken));
        Assert.All(caller.State("catalog").Endpoints.Current.All, endpoint => Assert.True(endpoint.Place.HasOrdinal));
    }

    private static OwnLocality Place(MeshInstance instance) => instance.Services.GetRequiredService<LocalityProvider>().Current;
}
