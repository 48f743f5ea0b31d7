using System.Net;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Security.EndpointRules;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Security.EndpointRules;

/// <summary>What is said of endpoints that are refused.</summary>
public sealed class EndpointGuardTests
{
    private const int Refused = 1700;
    private const int Full = 1701;
    private const int Open = 1702;

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

    [Theory]
    [InlineData("Production", true, false, true)]
    [InlineData("Production", true, true, false)]
    [InlineData("Production", false, false, false)]
    [InlineData("Staging", true, false, false)]
    [InlineData("Development", true, false, false)]
    [InlineData(null, true, false, false)]
    public void Start_open_policy_is_said_in_production_with_a_registry_only(string? environment, bool reads, bool restricted, bool said)
    {
        using var mesh = new MeshFixture(options =>
        {
            if (restricted)
            {
                options.Security.Endpoints.AllowedNetworks.Add("10.0.0.0/8");
            }
        });

        Guard(mesh, environment, reads);

        var records = mesh.Logs.GetSnapshot().Where(record => record.Id.Id == Open).ToList();
        Assert.Equal(said ? [LogLevel.Information] : [], records.Select(record => record.Level));
    }

    [Fact]
    public void Sort_configured_endpoint_keeps_all_its_addresses()
    {
        using var mesh = new MeshFixture();
        IPAddress[] named = [IPAddress.Parse("169.254.169.254"), IPAddress.Loopback, IPAddress.Parse("10.0.0.1")];

        var refusal = Guard(mesh, "Production").Sort(Fleet.Name, Described(EndpointOrigin.Configuration), named, out var allowed);

        Assert.Null(refusal);
        Assert.Equal(named, allowed);
    }

    [Fact]
    public void Sort_endpoint_of_a_source_keeps_the_addresses_that_are_allowed()
    {
        using var mesh = new MeshFixture();
        IPAddress[] named = [IPAddress.Parse("169.254.169.254"), IPAddress.Loopback, IPAddress.Parse("10.0.0.1")];

        var refusal = Guard(mesh, "Production").Sort(Fleet.Name, Described(EndpointOrigin.Source), named, out var allowed);

        Assert.Null(refusal);
        Assert.Equal(named[2..], allowed);
    }

    [Theory]
    [InlineData("Production", false, false)]
    [InlineData("Production", true, true)]
    [InlineData("Development", false, true)]
    [InlineData("Development", true, true)]
    public void Admits_loopback_from_a_source_on_loopback_or_in_development_only(string environment, bool local, bool admitted)
    {
        using var mesh = new MeshFixture();
        var guard = Guard(mesh, environment);
        var endpoint = Described(local ? EndpointOrigin.LoopbackSource : EndpointOrigin.Source);

        Assert.Equal(admitted, guard.Admits(Fleet.Name, endpoint));
        Assert.Equal(admitted, guard.Sort(Fleet.Name, endpoint, [IPAddress.Loopback], out _) is null);
    }

    private static EndpointDescription Described(EndpointOrigin origin) =>
        TestSource.Endpoint("http://127.0.0.1:8080") with { Origin = origin };

    private static EndpointGuard Guard(MeshFixture mesh, string? environment, bool reads = true) => new(
        mesh.Provider.GetRequiredService<ModelInForce>(),
        [new Adapter(reads)],
        environment is null ? null : new StubEnvironment { EnvironmentName = environment },
        mesh.Provider.GetRequiredService<GuardedLogger<LogCategories.EndpointGuard>>());

    private sealed class Adapter(bool reads) : IDiscoveryAdapter
    {
        public string Source => "test";

        public bool IsRemembered => false;

        public IEnumerable<string> Addresses(DiscoveryOptions options) => [];

        public bool Reads(DiscoveryOptions options) => reads;

        public bool Registers(DiscoveryOptions options) => false;

        public string WhyUnread(DiscoveryOptions options) => "not asked";
    }
}
