using System.Net;
using Mesh.Client.Model;
using Mesh.Client.Security.EndpointRules;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
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
        using var mesh = new MeshFixture(services: services => services.AddSingleton<IMeshSource>(source));
        mesh.Directory.Start();
        var sink = await source.Sink;
        for (var round = 0; round < 12; round++)
        {
            sink.Publish(Fleet.Name, [.. Enumerable.Range(0, 100).Select(i => TestSource.Endpoint($"http://169.254.{round}.{i}:80"))]);
        }

        Assert.Equal(1000, mesh.Logs.GetSnapshot().Count(record => record.Id.Id == Refused));
        Assert.Equal(1, mesh.Logs.GetSnapshot().Count(record => record.Id.Id == Full));
        Assert.Equal(100, mesh.Catalog().Endpoints.RefusedCount);
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
        using var mesh = new MeshFixture(
            options =>
            {
                if (restricted)
                {
                    options.Security.Endpoints.AllowedNetworks.Add("10.0.0.0/8");
                }
            },
            services => Reading(services, environment, reads));

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

    /// <summary>What nobody sees in the log takes no place from what somebody should see.</summary>
    [Fact]
    public void Sort_addresses_left_out_without_a_log_displace_no_warning()
    {
        using var mesh = new MeshFixture();
        var guard = Guard(mesh, "Production");
        for (var i = 0; i < 1_200; i++)
        {
            IPAddress[] named = [new IPAddress([169, 254, (byte)(i / 250), (byte)(i % 250)]), IPAddress.Parse("10.0.0.1")];
            Assert.Null(guard.Sort(Fleet.Name, Described(EndpointOrigin.Source), named, out _));
        }

        Assert.False(guard.Admits(Fleet.Name, Described(EndpointOrigin.Source)));

        var record = Assert.Single(mesh.Logs.GetSnapshot(), static record => record.Id.Id is Refused or Full);
        Assert.Equal(Refused, record.Id.Id);
        Assert.Contains("(instance id: none)", record.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_one_of_two_sources_reads_open_policy_is_said()
    {
        using var mesh = new MeshFixture(services: static services => Reading(services, "Production", false, true));

        Assert.Single(mesh.Logs.GetSnapshot(), static record => record.Id.Id == Open);
    }

    [Theory]
    [InlineData("http://catalog-1:8080/base", "catalog-1:8080")]
    [InlineData("nowhere", "without an address")]
    public void NameOf_is_host_and_port_if_there_is_an_address(string address, string expected) =>
        Assert.Equal(
            expected, EndpointGuard.NameOf(new EndpointDescription { Address = new Uri(address, UriKind.RelativeOrAbsolute) }));

    [Theory]
    [InlineData(null, false, false)]
    [InlineData("Production", false, false)]
    [InlineData("Production", true, true)]
    [InlineData("Development", false, true)]
    [InlineData("Development", true, true)]
    public void Admits_loopback_from_a_source_on_loopback_or_in_development_only(string? environment, bool local, bool admitted)
    {
        using var mesh = new MeshFixture();
        var guard = Guard(mesh, environment);
        var endpoint = Described(local ? EndpointOrigin.LoopbackSource : EndpointOrigin.Source);

        Assert.Equal(admitted, guard.Admits(Fleet.Name, endpoint));
        Assert.Equal(admitted, guard.Sort(Fleet.Name, endpoint, [IPAddress.Loopback], out _) is null);
    }

    private static EndpointDescription Described(EndpointOrigin origin) =>
        TestSource.Endpoint("http://127.0.0.1:8080") with { Origin = origin };

    private static void Reading(IServiceCollection services, string? environment, params bool[] reads)
    {
        if (environment is not null)
        {
            services.AddSingleton<IHostEnvironment>(new StubEnvironment { EnvironmentName = environment });
        }

        foreach (var read in reads)
        {
            services.AddSingleton<IMeshSource>(new TestSource($"registry reads {read}")
            {
                Status = new() { Addresses = ["http://registry:8500/"], Idle = read ? null : "It is not read." },
            });
        }
    }

    private static EndpointGuard Guard(MeshFixture mesh, string? environment) => new(
        mesh.Provider.GetRequiredService<ModelInForce>(),
        environment is null ? null : new StubEnvironment { EnvironmentName = environment },
        mesh.Provider.GetRequiredService<GuardedLogger<LogCategories.EndpointGuard>>());
}
