using System.Diagnostics.Metrics;
using System.Net;
using Mesh.Client.FunctionalTests.Servers;
using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>T21: a registry that names what it must not makes nobody connect to it.</summary>
public sealed class PoisonedRegistryTests
{
    private const int Refused = 1700;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.1")]
    [InlineData("2130706433")]
    [InlineData("0x7f000001")]
    [InlineData("0177.0.0.1")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[::ffff:7f00:1]")]
    [InlineData("localhost")]
    [InlineData("localhost.")]
    [InlineData("LocalHost")]
    [InlineData("orders.localhost")]
    [InlineData("0.0.0.0")]
    public async Task Poisoned_registry_denied_address_gets_no_connection_one_warning_and_a_clear_error(string host)
    {
        using var target = new SocketRecorder(IPAddress.Loopback);
        await using var registry = await ScriptedRegistry.StartAsync(ScriptedRegistry.Instance("evil", host, target.Port));
        await using var application = new MeshApplication(
            Settings.Registry(registry.Url).With("Security:Endpoints:AllowLoopback", "false"));

        var exception = await Assert.ThrowsAsync<NoEndpointException>(
            () => application.Client().GetAsync(new Uri("http://orders/"), Token));
        await registry.FetchedAsync();
        await Assert.ThrowsAsync<NoEndpointException>(() => application.Client().GetAsync(new Uri("http://orders/"), Token));
        using var endpoints = new MetricCollector<long>(
            application.Services.GetRequiredService<IMeterFactory>(), MeshTelemetry.MeterName, "mesh.client.endpoints");
        endpoints.RecordObservableInstruments();

        Assert.Contains("the endpoint policy refuses the only one that is named.", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, target.Accepted);
        var warning = Assert.Single(application.Logs.GetSnapshot(), record => record.Id.Id == Refused);
        Assert.Contains("of service 'orders' is refused by the endpoint policy", warning.Message, StringComparison.Ordinal);
        Assert.Equal(
            1, endpoints.GetMeasurementSnapshot().Single(measurement => (string?)measurement.Tags[MeshTags.State] == "refused").Value);
    }

    [Fact]
    public async Task Poisoned_registry_good_instances_beside_bad_ones_are_used()
    {
        using var target = new SocketRecorder(IPAddress.Parse("127.0.0.2"));
        await using var good = await TestServer.StartAsync("good");
        await using var registry = await ScriptedRegistry.StartAsync(
            ScriptedRegistry.Instance("evil", "127.0.0.2", target.Port),
            ScriptedRegistry.Instance("metadata", "169.254.169.254", 80),
            ScriptedRegistry.Instance("good", "127.0.0.1", good.Address.Port));
        await using var application = new MeshApplication(
            Settings.Registry(registry.Url).With("Security:Endpoints:AllowedNetworks:0", "127.0.0.1"));

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("good", await application.Client().GetStringAsync(new Uri("http://orders/"), Token));
        }

        // The list changes and is judged again; what was said of an endpoint is not said again.
        registry.List(
            ScriptedRegistry.Instance("evil", "127.0.0.2", target.Port),
            ScriptedRegistry.Instance("metadata", "169.254.169.254", 81),
            ScriptedRegistry.Instance("good", "127.0.0.1", good.Address.Port));
        await Patience.UntilAsync(() => application.Count(Refused) >= 3, "the changed list has arrived");

        Assert.Equal(0, target.Accepted);
        Assert.Equal(3, application.Count(Refused));
        Assert.Equal(2, application.State("orders").Endpoints.RefusedCount);
    }

    [Fact]
    public async Task Rebinding_name_that_turns_to_a_denied_address_gets_no_connection_and_the_error_says_so()
    {
        // One port on two addresses: only what DNS says tells them apart.
        using var allowed = new SocketRecorder(IPAddress.Loopback);
        using var denied = new SocketRecorder(IPAddress.Parse("127.0.0.2"), allowed.Port);
        var resolver = new ScriptedResolver(IPAddress.Loopback);
        await using var registry = await ScriptedRegistry.StartAsync(ScriptedRegistry.Instance("a", "orders.test", allowed.Port));
        await using var application = new MeshApplication(
            Settings.Registry(registry.Url)
                .With("Security:Endpoints:AllowedNetworks:0", "127.0.0.1")
                .With("Defaults:Retry:MaxRetries", "0"),
            services => services.AddSingleton<IHostResolver>(resolver));
        using var refusals = new MetricCollector<long>(
            application.Services.GetRequiredService<IMeterFactory>(), MeshTelemetry.MeterName, "mesh.client.connections.refused");
        using (await application.Client().SendAsync(Closing(), Token))
        {
            Assert.Equal(1, allowed.Accepted);
        }

        resolver.Addresses = [IPAddress.Parse("127.0.0.2")];
        var loopback = await Assert.ThrowsAsync<HttpRequestException>(() => application.Client().SendAsync(Closing(), Token));
        resolver.Addresses =
        [
            IPAddress.Parse("169.254.169.254"),
            IPAddress.Parse("::ffff:169.254.169.254"),
            IPAddress.Parse("fd00:ec2::254"),
        ];
        var metadata = await Assert.ThrowsAsync<HttpRequestException>(() => application.Client().SendAsync(Closing(), Token));

        Assert.Contains("is refused by the endpoint policy: 127.0.0.2 is this machine itself", loopback.Message, StringComparison.Ordinal);
        Assert.Contains("is refused by the endpoint policy: fd00:ec2::254 is a cloud's metadata "
            + "service", metadata.Message, StringComparison.Ordinal);
        Assert.Equal(0, denied.Accepted);
        Assert.Equal(1, allowed.Accepted);
        Assert.Equal(4, application.Count(Refused));
        Assert.Equal(2, refusals.GetMeasurementSnapshot().Sum(measurement => measurement.Value));

        // Among denied addresses an allowed one is found.
        resolver.Addresses = [IPAddress.Parse("127.0.0.2"), IPAddress.Parse("169.254.169.254"), IPAddress.Loopback];
        using var answer = await application.Client().SendAsync(Closing(), Token);
        Assert.Equal(2, allowed.Accepted);
        Assert.Equal(0, denied.Accepted);
    }

    [Fact]
    public async Task Both_lists_name_with_the_suffix_must_also_resolve_to_an_allowed_network()
    {
        using var allowed = new SocketRecorder(IPAddress.Loopback);
        using var denied = new SocketRecorder(IPAddress.Parse("127.0.0.2"), allowed.Port);
        var resolver = new ScriptedResolver(IPAddress.Parse("127.0.0.2"));
        await using var registry = await ScriptedRegistry.StartAsync(ScriptedRegistry.Instance("a", "orders.test", allowed.Port));
        await using var application = new MeshApplication(
            Settings.Registry(registry.Url)
                .With("Security:Endpoints:AllowedNetworks:0", "127.0.0.1")
                .With("Security:Endpoints:AllowedHostSuffixes:0", "test")
                .With("Defaults:Retry:MaxRetries", "0"),
            services => services.AddSingleton<IHostResolver>(resolver));

        await Assert.ThrowsAsync<HttpRequestException>(() => application.Client().SendAsync(Closing(), Token));
        Assert.Equal((0, 0), (denied.Accepted, allowed.Accepted));

        resolver.Addresses = [IPAddress.Loopback];
        using var answer = await application.Client().SendAsync(Closing(), Token);
        Assert.Equal((0, 1), (denied.Accepted, allowed.Accepted));
    }

    [Fact]
    public async Task Configured_endpoint_is_the_operators_word_and_not_judged()
    {
        await using var server = await TestServer.StartAsync("mine");
        await using var application = new MeshApplication(Settings.Service("orders", server.Url)
            .With("Security:Endpoints:AllowLoopback", "false")
            .With("Security:Endpoints:AllowedNetworks:0", "10.0.0.0/8")
            .With("Security:Endpoints:AllowedHostSuffixes:0", "svc.example"));

        Assert.Equal("mine", await application.Client().GetStringAsync(new Uri("http://orders/"), Token));
        Assert.Equal(0, application.Count(Refused));
    }

    [Fact]
    public async Task Reloaded_policy_applies_to_what_is_known_already()
    {
        await using var server = await TestServer.StartAsync("known");
        await using var registry = await ScriptedRegistry.StartAsync(ScriptedRegistry.Instance("a", "127.0.0.1", server.Address.Port));
        var settings = Settings.Registry(registry.Url);
        await using var application = new MeshApplication(settings);
        Assert.Equal("known", await application.Client().GetStringAsync(new Uri("http://orders/"), Token));

        application.Save(Settings.Registry(registry.Url).With("Security:Endpoints:AllowedNetworks:0", "10.0.0.0/8"));
        await Patience.UntilAsync(() => application.State("orders").Endpoints.Current.All.Length == 0, "the endpoint is refused");
        await Assert.ThrowsAsync<NoEndpointException>(() => application.Client().GetAsync(new Uri("http://orders/"), Token));

        application.Save(Settings.Registry(registry.Url));
        await Patience.UntilAsync(() => application.State("orders").Endpoints.Current.All.Length == 1, "the endpoint is allowed again");
        Assert.Equal("known", await application.Client().GetStringAsync(new Uri("http://orders/"), Token));
    }

    /// <summary>The next one opens a connection of its own.</summary>
    private static HttpRequestMessage Closing() => new(HttpMethod.Get, "http://orders/") { Headers = { ConnectionClose = true } };

    private sealed class ScriptedResolver(params IPAddress[] addresses) : IHostResolver
    {
        public IPAddress[] Addresses { get; set; } = addresses;

        public Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) => Task.FromResult(Addresses);
    }
}
