using Mesh.Client.Options;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Tests.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Mesh.Client.Tests.State;

public sealed class ServicesHealthCheckTests
{
    [Fact]
    public async Task State_of_each_service_is_in_the_data()
    {
        using var mesh = Create(3);
        mesh.Eject(2);

        var entry = await CheckAsync(mesh);

        Assert.Equal(HealthStatus.Healthy, entry.Status);
        Assert.Equal("2 of 3 endpoints in use, 1 ejected, 0 draining", entry.Data[Fleet.Name]);
        Assert.Equal(["mesh"], entry.Tags);
    }

    [Fact]
    public async Task Panic_is_degraded_and_names_the_service()
    {
        using var mesh = Create(3, s => s.OutlierDetection.MaxEjectedRatio = 1);
        mesh.Eject(1);
        mesh.Eject(2);

        var entry = await CheckAsync(mesh);

        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Equal("Without healthy endpoints, with too few, or with an open circuit: catalog.", entry.Description);
        Assert.Equal("3 of 3 endpoints in use, 2 ejected, 0 draining, panic", entry.Data[Fleet.Name]);
    }

    [Fact]
    public async Task Service_without_endpoints_is_degraded()
    {
        var source = new TestSource();
        using var mesh = new MeshFixture(
            services: services => services.AddSingleton<IMeshSource>(source).AddHealthChecks().AddMeshServices());
        mesh.Directory.Start();
        var sink = await source.Sink;
        sink.Publish("gone", []);
        sink.Ready();
        await Assert.ThrowsAsync<NoEndpointException>(
            () => mesh.Client.GetAsync(new Uri("http://gone/"), TestContext.Current.CancellationToken));

        Assert.Equal(HealthStatus.Degraded, (await CheckAsync(mesh)).Status);
    }

    [Fact]
    public async Task Service_that_this_application_never_called_is_not_looked_at_unless_it_is_configured()
    {
        var source = new TestSource();
        using var mesh = new MeshFixture(
            options => options.Services["named"] = new ServiceOptions(),
            services => services.AddSingleton<IMeshSource>(source).AddHealthChecks().AddMeshServices());
        mesh.Directory.Start();
        var sink = await source.Sink;
        sink.Publish("somebody-elses", []);
        var entry = await CheckAsync(mesh);
        Assert.Equal(HealthStatus.Healthy, entry.Status);
        Assert.Empty(entry.Data);

        sink.Publish("named", []);
        Assert.Equal(HealthStatus.Degraded, (await CheckAsync(mesh)).Status);
    }

    /// <summary>Nobody will ever mend a service that is gone for good, and that nobody calls.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Service_that_is_neither_configured_nor_listed_any_more_counts_for_ten_minutes_after_its_last_call(bool configured)
    {
        const string Without = """{ "Mesh:Service:Name": "shop" }""";
        var source = new TestSource();
        using var application = new TestApplication(
            configured ? """{ "Mesh:Service:Name": "shop", "Mesh:Services:gone:Endpoints:0": "http://10.0.0.9:81" }""" : Without);
        application.Services.AddSingleton<ITransportFactory>(new ScriptedNetwork());
        application.Services.AddSingleton<IMeshSource>(source).AddHttpClient().AddHealthChecks().AddMeshServices();
        application.Services.AddMesh();
        var provider = application.Build();
        provider.GetRequiredService<ServiceDirectory>().Start();
        var sink = await source.Sink;
        if (!configured)
        {
            sink.Publish("gone", [TestSource.Endpoint("http://10.0.0.9:81")]);
        }

        sink.Ready();
        using var client = provider.GetRequiredService<IHttpClientFactory>().CreateClient();
        (await client.GetAsync(new Uri("http://gone/"), TestContext.Current.CancellationToken)).Dispose();
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(provider)).Status);

        if (configured)
        {
            application.Edit(Without);
        }
        else
        {
            sink.Publish("gone", []);
        }

        Assert.Equal(HealthStatus.Degraded, (await CheckAsync(provider)).Status);
        application.Time.Advance(TimeSpan.FromMinutes(8));
        Assert.Equal(HealthStatus.Degraded, (await CheckAsync(provider)).Status);
        application.Time.Advance(TimeSpan.FromMinutes(3));
        var entry = await CheckAsync(provider);
        Assert.Equal(HealthStatus.Healthy, entry.Status);
        Assert.Empty(entry.Data);

        // Who calls it again has something to mend.
        await Assert.ThrowsAsync<NoEndpointException>(
            () => client.GetAsync(new Uri("http://gone/"), TestContext.Current.CancellationToken));
        Assert.Equal(HealthStatus.Degraded, (await CheckAsync(provider)).Status);
    }

    [Theory]
    [InlineData("its only instance is DOWN")]
    [InlineData(null)]
    public async Task Service_that_is_listed_without_a_usable_instance_counts_however_long_ago_it_was_called(string? absence)
    {
        var source = new TestSource();
        using var mesh = new MeshFixture(
            services: services => services.AddSingleton<IMeshSource>(source).AddHealthChecks().AddMeshServices());
        mesh.Directory.Start();
        var sink = (IMeshSink)await source.Sink;
        sink.Publish("down", []);
        sink.Publish(new ServiceUpdate("down") { Endpoints = [], Absence = absence, IsListed = true });
        sink.Ready();
        await Assert.ThrowsAsync<NoEndpointException>(
            () => mesh.Client.GetAsync(new Uri("http://down/"), TestContext.Current.CancellationToken));

        mesh.Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(HealthStatus.Degraded, (await CheckAsync(mesh)).Status);
    }

    [Fact]
    public async Task Mesh_that_is_switched_off_is_healthy_whatever_it_knows()
    {
        using var mesh = new MeshFixture(
            options =>
            {
                options.Enabled = false;
                options.Services["named"] = new ServiceOptions();
            },
            services => services.AddHealthChecks().AddMeshServices());

        var entry = await CheckAsync(mesh);

        Assert.Equal((HealthStatus.Healthy, "The mesh is switched off (Mesh:Enabled is false)."), (entry.Status, entry.Description));
        Assert.Empty(entry.Data);
    }

    [Fact]
    public async Task Open_circuit_is_degraded_although_only_half_may_be_ejected()
    {
        using var mesh = Create(2);
        mesh.Network.Refuse(Fleet.At(1));
        mesh.Network.Refuse(Fleet.At(2));
        for (var i = 0; i < 30; i++)
        {
            await Assert.ThrowsAnyAsync<HttpRequestException>(
                () => mesh.Advance(mesh.Client.GetAsync(new Uri(Fleet.Url), TestContext.Current.CancellationToken)));
        }

        var entry = await CheckAsync(mesh);

        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Equal("1 of 2 endpoints in use, 1 ejected, 0 draining, circuit open", entry.Data[Fleet.Name]);
    }

    [Fact]
    public async Task Status_and_tags_are_those_that_the_application_asks_for()
    {
        var source = new TestSource();
        using var mesh = new MeshFixture(
            options => options.Services[Fleet.Name] = Fleet.Options(0),
            services => services.AddSingleton<IMeshSource>(source)
                .AddHealthChecks().AddMeshServices("callees", HealthStatus.Unhealthy, ["deep"]));
        mesh.Directory.Start();
        (await source.Sink).Publish(Fleet.Name, []);

        var report = await mesh.Provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);

        var (name, entry) = Assert.Single(report.Entries);
        Assert.Equal(("callees", HealthStatus.Unhealthy), (name, entry.Status));
        Assert.Equal(["deep"], entry.Tags);
    }

    private static MeshFixture Create(int count, Action<ServiceOptions>? configure = null)
    {
        var mesh = new MeshFixture(
            options => options.Services[Fleet.Name] = Fleet.Options(count, configure),
            services => services.AddHealthChecks().AddMeshServices());
        mesh.Catalog();
        return mesh;
    }

    private static Task<HealthReportEntry> CheckAsync(MeshFixture mesh) => CheckAsync(mesh.Provider);

    private static async Task<HealthReportEntry> CheckAsync(IServiceProvider provider) =>
        Assert.Single(
            (await provider.GetRequiredService<HealthCheckService>()
                .CheckHealthAsync(TestContext.Current.CancellationToken)).Entries).Value;
}
