using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Security.EndpointRules;

/// <summary>What is said of endpoints that are refused.</summary>
public sealed class EndpointGuardTests
{
    private const int Refused = 1700;
    private const int Full = 1701;

    [Fact]
    public async Task Report_source_that_names_ever_new_addresses_fills_neither_log_nor_memory()
    {
        var source = new TestSource();
        using var mesh = new MeshFixture(services: services => services.AddSingleton<IEndpointSource>(source));
        mesh.Directory.Start();
        var sink = await source.Sink;
        for (var round = 0; round < 12; round++)
        {
            sink.Publish(Fleet.Name, [.. Enumerable.Range(0, 100).Select(i => TestSource.Endpoint($"http://169.254.{round}.{i}:80"))]);
        }

        Assert.Equal(1000, mesh.Logs.GetSnapshot().Count(record => record.Id.Id == Refused));
        Assert.Equal(1, mesh.Logs.GetSnapshot().Count(record => record.Id.Id == Full));
        Assert.Equal(100, mesh.Catalog().RefusedCount);
    }
}
