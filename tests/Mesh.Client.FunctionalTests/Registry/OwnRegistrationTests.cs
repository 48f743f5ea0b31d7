using System.Text;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Mesh.Client.FunctionalTests.Registry;

/// <summary>What an application, its health checks and an operator change about a registration, at a real registry.</summary>
public sealed class OwnRegistrationTests
{
    private static readonly HttpClient Operator = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Operators_override_is_shown_and_outlives_registrations_until_it_is_taken_away()
    {
        await using var registry = await RegistryServer.StartAsync();
        await using var instance = await MeshInstance.StartAsync("catalog", registry.Url);
        await registry.UntilUpAsync("catalog", 1);
        var own = instance.Services.GetRequiredService<IMeshRegistration>();
        var status = $"{registry.Url}apps/CATALOG/127.0.0.1:catalog:{new Uri(instance.Url).Port}/status";

        (await Operator.PutAsync(new Uri(status + "?value=OUT_OF_SERVICE"), null, Token)).EnsureSuccessStatusCode();
        await Patience.UntilAsync(() => own.OverriddenBy == InstanceStatus.OutOfService, "the application sees the operator's word");

        // Mesh.Registry does not change metadata: this is a new registration, as UP.
        own.SetMetadata("color", "blue");
        await Patience.UntilAsync(
            async () => (await registry.TextAsync("catalog")).Contains("blue", StringComparison.Ordinal),
            "the new registration has arrived");
        Assert.Equal(["OUT_OF_SERVICE"], await registry.StatusesAsync("catalog"));
        Assert.Equal(InstanceStatus.Up, own.Status);

        (await Operator.DeleteAsync(new Uri(status + "?value=UP"), Token)).EnsureSuccessStatusCode();
        await registry.UntilUpAsync("catalog", 1);
        await Patience.UntilAsync(() => own.OverriddenBy is null, "the application sees that it is gone");
    }

    /// <summary>The registry believes a registration as STARTING, whatever override stands beside it.</summary>
    [Fact]
    public async Task Operators_UP_over_STARTING_outlives_a_registration_and_a_registry_that_restarts()
    {
        await using var registry = await RegistryServer.StartAsync();
        await using var instance = await MeshInstance.StartAsync(
            "catalog", registry.Url, settings: Settings.Registry(registry.Url).With("Discovery:Eureka:UpAtStart", "false"));
        await Patience.UntilAsync(async () => (await registry.StatusesAsync("catalog")) is ["STARTING"], "it is listed as STARTING");
        var own = instance.Services.GetRequiredService<IMeshRegistration>();
        var status = $"{registry.Url}apps/CATALOG/127.0.0.1:catalog:{new Uri(instance.Url).Port}/status";

        (await Operator.PutAsync(new Uri(status + "?value=UP"), null, Token)).EnsureSuccessStatusCode();
        await Patience.UntilAsync(() => own.OverriddenBy == InstanceStatus.Up, "the application sees the operator's word");
        own.SetMetadata("color", "blue");
        await Patience.UntilAsync(
            async () => (await registry.TextAsync("catalog")).Contains("blue", StringComparison.Ordinal), "the metadata are there");
        own.SetMetadata("color", null);
        await Patience.UntilAsync(
            async () => !(await registry.TextAsync("catalog")).Contains("blue", StringComparison.Ordinal), "the metadata are gone");
        Assert.Equal(["UP"], await registry.StatusesAsync("catalog"));

        await registry.KillAsync();
        await registry.RestartAsync();
        await Patience.UntilAsync(async () => (await registry.StatusesAsync("catalog")).Length == 1, "it has registered again");
        Assert.Equal(["UP"], await registry.StatusesAsync("catalog"));
        Assert.Equal(InstanceStatus.Starting, own.Status);

        (await Operator.DeleteAsync(new Uri(status + "?value=UP"), Token)).EnsureSuccessStatusCode();
        await Patience.UntilAsync(async () => (await registry.StatusesAsync("catalog")) is ["STARTING"], "its own word counts again");
    }

    [Fact]
    public async Task Application_takes_itself_out_of_service_and_comes_back()
    {
        await using var registry = await RegistryServer.StartAsync();
        await using var instance = await MeshInstance.StartAsync("catalog", registry.Url);
        await registry.UntilUpAsync("catalog", 1);
        var own = instance.Services.GetRequiredService<IMeshRegistration>();

        own.SetStatus(InstanceStatus.OutOfService);
        await Patience.UntilAsync(
            async () => (await registry.StatusesAsync("catalog")) is ["OUT_OF_SERVICE"], "it is listed as out of service");
        own.SetStatus(InstanceStatus.Up);
        await registry.UntilUpAsync("catalog", 1);
    }

    [Fact]
    public async Task Health_checks_take_the_instance_down_and_up_again()
    {
        var healthy = true;
        await using var registry = await RegistryServer.StartAsync();
        await using var instance = await MeshInstance.StartAsync(
            "catalog",
            registry.Url,
            services => services.AddHealthChecks().AddCheck(
                "db", () => Volatile.Read(ref healthy) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(), ["ready"]),
            Settings.Registry(registry.Url).With("Discovery:Eureka:Health:Interval", TimeSpan.FromMilliseconds(100)));
        await registry.UntilUpAsync("catalog", 1);

        Volatile.Write(ref healthy, false);
        await Patience.UntilAsync(async () => (await registry.StatusesAsync("catalog")) is ["DOWN"], "it is listed as DOWN");
        Volatile.Write(ref healthy, true);
        await registry.UntilUpAsync("catalog", 1);
    }

    [Fact]
    public async Task Registry_is_asked_through_the_configured_proxy_with_its_credentials()
    {
        await using var registry = await RegistryServer.StartAsync();
        await using var proxy = await TestServer.StartAsync(async context =>
        {
            if (context.Request.Headers.ProxyAuthorization.ToString() != "Basic "
                + Convert.ToBase64String(Encoding.UTF8.GetBytes("me:p@ss")))
            {
                context.Response.StatusCode = 407;
                context.Response.Headers.ProxyAuthenticate = "Basic realm=\"way out\"";
                return;
            }

            using var request = new HttpRequestMessage(
                new HttpMethod(context.Request.Method),
                new Uri(new Uri(registry.Url), context.Request.Path + context.Request.QueryString));
            if (context.Request.ContentLength > 0)
            {
                request.Content = new StreamContent(context.Request.Body) { Headers = { { "Content-Type", context.Request.ContentType } } };
            }

            request.Headers.Accept.ParseAdd("application/json");
            using var response = await Operator.SendAsync(request);
            context.Response.StatusCode = (int)response.StatusCode;
            await context.Response.Body.WriteAsync(await response.Content.ReadAsByteArrayAsync());
        });

        await using var instance = await MeshInstance.StartAsync(
            "catalog",
            "http://registry.unknown.invalid/eureka/",
            settings: Settings.Registry("http://registry.unknown.invalid/eureka/")
                .With("Discovery:Eureka:Proxy", $"http://me:p%40ss@127.0.0.1:{proxy.Address.Port}"));

        await registry.UntilUpAsync("catalog", 1);
    }
}
