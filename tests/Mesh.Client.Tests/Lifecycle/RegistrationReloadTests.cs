using Mesh.Client.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.Tests.Lifecycle;

/// <summary>What a reload changes of a registration, and what it cannot.</summary>
public class RegistrationReloadTests
{
    [Fact]
    public async Task Reload_metadata_follow_and_what_the_application_has_set_stays_on_top()
    {
        await using var app = new LifecycleHarness(
            settings:
            [
                ("Mesh:Service:Version", "1"),
                ("Mesh:Service:Zone", "a"),
                ("Mesh:Service:Labels:lane", "blue"),
                ("Mesh:Service:Labels:weight", "1"),
                ("Mesh:Discovery:Eureka:Metadata:note", "x"),
            ]);
        await app.StartUpAsync();
        var own = app.Services.GetRequiredService<IMeshRegistration>();
        own.SetMetadata("weight", "7");
        Assert.EndsWith("/metadata", (await app.Wire.NextAsync()).Line, StringComparison.Ordinal);
        await app.Time.ReachWaitAsync(LifecycleHarness.Heartbeat);

        Reload(app, ("Service:Version", "2"), ("Service:Labels:weight", "2"), ("Discovery:Eureka:Metadata:note", "y"));
        var added = await app.Wire.NextAsync();
        Assert.Equal(
            "/eureka/apps/ORDERS-API/" + LifecycleHarness.Instance + "/metadata?note=y&version=2", added.Uri.PathAndQuery);
        await app.Time.ReachWaitAsync(LifecycleHarness.Heartbeat);

        // The protocol has no removal.
        Reload(app, ("Service:Zone", null));
        var registered = await app.Wire.NextAsync();
        Assert.Equal("UP", registered.Status);
        Assert.Null(registered.Instance["metadata"]!["zone"]);
        Assert.Equal("7", (string?)registered.Instance["metadata"]!["weight"]);
        Assert.Equal("2", (string?)registered.Instance["metadata"]!["version"]);
        Assert.Empty(NotInForce(app));

        // What was set in code is taken away in code: then it is gone, as before.
        own.SetMetadata("weight", null);
        Assert.Null((await app.Wire.NextAsync()).Instance["metadata"]!["weight"]);
    }

    [Theory]
    [InlineData("Service:Name", "other")]
    [InlineData("Discovery:Eureka:HostName", "other.example")]
    [InlineData("Discovery:Eureka:IPAddress", "10.0.0.9")]
    [InlineData("Discovery:Eureka:PreferIPAddress", "true")]
    [InlineData("Discovery:Eureka:Port", "81")]
    [InlineData("Discovery:Eureka:SecurePort", "82")]
    [InlineData("Discovery:Eureka:SecurePortEnabled", "true")]
    [InlineData("Discovery:Eureka:InstanceId", "other")]
    [InlineData("Discovery:Eureka:VipAddress", "other")]
    [InlineData("Discovery:Eureka:SecureVipAddress", "other")]
    [InlineData("Discovery:Eureka:AppGroup", "other")]
    [InlineData("Discovery:Eureka:AutoScalingGroup", "other")]
    [InlineData("Discovery:Eureka:HomePageUrl", "/other")]
    [InlineData("Discovery:Eureka:StatusPageUrl", "/other")]
    [InlineData("Discovery:Eureka:HealthCheckUrl", "/other")]
    [InlineData("Discovery:Eureka:SecureHealthCheckUrl", "/other")]
    [InlineData("Discovery:Eureka:DataCenter:Name", "Amazon")]
    [InlineData("Discovery:Eureka:HeartbeatInterval", "00:00:20")]
    [InlineData("Discovery:Eureka:LeaseDuration", "00:02:00")]
    [InlineData("Discovery:Eureka:UpAtStart", "false")]
    [InlineData("Discovery:Eureka:Register", "false")]
    [InlineData("Lifecycle:RegisterWhen", "Never")]
    public async Task Reload_of_what_a_registration_keeps_is_warned_of_once_and_again_when_it_changes(string key, string value)
    {
        await using var app = new LifecycleHarness();
        await app.StartUpAsync();

        Reload(app, (key, value));
        var warning = Assert.Single(NotInForce(app));
        Assert.Equal(LogLevel.Warning, warning.Level);
        Assert.StartsWith(
            $"Changed since the application started, and in force for its registration only from the next start on: Mesh:{key}. ",
            warning.Message,
            StringComparison.Ordinal);

        Reload(app, ("Defaults:Timeout", "00:00:07"));
        Assert.Single(NotInForce(app));

        Reload(app, (key, null));
        Reload(app, (key, value));
        Assert.Equal(2, NotInForce(app).Length);
    }

    [Fact]
    public async Task Reload_names_all_that_a_registration_keeps_as_they_are_written()
    {
        await using var app = new LifecycleHarness();
        await app.StartUpAsync();

        app.Services.GetRequiredService<IConfiguration>()["Eureka:Client:ServiceUrl"] = "http://registry:8761/eureka/";
        app.Services.GetRequiredService<IConfiguration>()["Eureka:Instance:HostName"] = "other.example";
        Reload(app, ("Service:Name", "other"));

        var warning = Assert.Single(NotInForce(app));
        Assert.Contains(": Mesh:Service:Name, Eureka:Instance:HostName. ", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reload_that_switches_registering_on_is_warned_of()
    {
        await using var app = new LifecycleHarness(settings: ("Mesh:Discovery:Eureka:Register", "false"));
        await app.StartAsync();

        Reload(app, ("Service:Version", "2"), ("Discovery:Eureka:HostName", "other.example"));
        Assert.Empty(NotInForce(app));

        Reload(app, ("Discovery:Eureka:Register", "true"));
        Assert.Contains(": Mesh:Discovery:Eureka:Register. ", Assert.Single(NotInForce(app)).Message, StringComparison.Ordinal);
        Assert.Empty(app.Wire.Rest());
    }

    private static void Reload(LifecycleHarness app, params (string Key, string? Value)[] settings)
    {
        var configuration = (IConfigurationRoot)app.Services.GetRequiredService<IConfiguration>();
        foreach (var (key, value) in settings)
        {
            configuration["Mesh:" + key] = value;
        }

        configuration.Reload();
        app.Time.Advance(MeshConfiguration.Debounce);
    }

    private static FakeLogRecord[] NotInForce(LifecycleHarness app) =>
        [.. app.Services.GetFakeLogCollector().GetSnapshot().Where(record => record.Id.Id == 2211)];
}
