using Mesh.Client.Model;
using Mesh.Client.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Tests.DependencyInjection;

public sealed class AddMeshTests
{
    [Fact]
    public void AddMesh_without_configuration_uses_defaults()
    {
        using var provider = new ServiceCollection().AddMesh().Services.BuildServiceProvider();

        var view = provider.GetRequiredService<ModelInForce>().Current;

        Assert.Equal(1, view.Generation);
        Assert.Empty(view.Services);
        Assert.Equal(TimeSpan.FromSeconds(10), view.Of("orders").Routes[0].Policy.Timeout);
    }

    [Fact]
    public void AddMesh_twice_registers_what_once_does()
    {
        var once = new ServiceCollection();
        once.AddMesh();
        var twice = new ServiceCollection();
        twice.AddMesh();
        Assert.Same(twice, twice.AddMesh().Services);

        Assert.Equal(once.Select(service => service.ServiceType), twice.Select(service => service.ServiceType));
    }

    [Fact]
    public void AddMesh_binds_every_kind_of_setting()
    {
        var options = TestApplication.Read("""
            { "Mesh": {
                "Service": { "Name": "shop", "Labels": { "tenant": "acme" } },
                "Discovery": { "Eureka": { "ServiceUrls": ["http://a:8761/eureka", "http://b:8761/eureka"], "Port": 8080, "PreferIPAddress": true } },
                "Defaults": { "Retry": { "BudgetRatio": 0.25 } },
                "Services": { "payments": { "Endpoints": ["https://payments-1.example.com"], "Timeout": "00:00:03", "LoadBalancing": { "Policy": "leastrequest" } } },
                "Lifecycle": { "RegisterWhen": "Listening" },
                "Telemetry": { "PerEndpointTags": true } } }
            """);

        Assert.Equal("shop", options.Service.Name);
        Assert.Equal("acme", options.Service.Labels["tenant"]);
        Assert.Equal(["http://a:8761/eureka", "http://b:8761/eureka"], options.Discovery.Eureka.ServiceUrls);
        Assert.Equal(8080, options.Discovery.Eureka.Port);
        Assert.True(options.Discovery.Eureka.PreferIPAddress);
        Assert.Equal(0.25, options.Defaults.Retry.BudgetRatio);
        var payments = options.Services["PAYMENTS"];
        Assert.Equal(["https://payments-1.example.com"], payments.Endpoints.Select(endpoint => endpoint.Address));
        Assert.Equal(TimeSpan.FromSeconds(3), payments.Timeout);
        Assert.Equal(LoadBalancingPolicies.LeastRequest, payments.LoadBalancing.Policy, ignoreCase: true);
        Assert.Equal(RegistrationTrigger.Listening, options.Lifecycle.RegisterWhen);
        Assert.True(options.Telemetry.PerEndpointTags);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    public void A_service_without_settings_is_a_service(string settings)
    {
        var options = TestApplication.Read($$"""{ "Mesh": { "Services": { "orders": {{settings}} } } }""");

        Assert.NotNull(options.Services["orders"]);
    }

    [Fact]
    public void Null_and_empty_mean_not_set()
    {
        var options = TestApplication.Read("""
            { "Mesh": { "Domain": null, "Discovery": null, "Lifecycle": {}, "Telemetry": null, "Service": { "Labels": null },
                        "Defaults": { "Endpoints": [], "Timeout": null, "ConnectTimeout": "", "Retry": null, "OutlierDetection": { "Enabled": "" } },
                        "Services": {} } }
            """);

        Assert.Equal(TimeSpan.FromMinutes(5), options.Discovery.EmptyRegistryGrace);
        Assert.Empty(options.Discovery.Eureka.ServiceUrls);
        Assert.Empty(options.Service.Labels);
        Assert.Empty(options.Services);
        Assert.Empty(options.Defaults.Endpoints);
        Assert.Null(options.Defaults.Timeout);
        Assert.Null(options.Defaults.ConnectTimeout);
        Assert.Null(options.Defaults.Retry.MaxRetries);
        Assert.Null(options.Defaults.OutlierDetection.Enabled);
        Assert.Equal(TimeSpan.FromSeconds(5), options.Lifecycle.DrainDelay);
        Assert.False(options.Telemetry.PerEndpointTags);
    }

    [Fact]
    public void Code_applies_after_configuration_in_order_of_calls()
    {
        const string Json = """{ "Mesh": { "Services": { "Payments": { "Timeout": "00:00:01", "ConnectTimeout": "00:00:02" } } } }""";

        var options = TestApplication.Read(Json, mesh => mesh
            .AddService("payments", service => service.Timeout = TimeSpan.FromSeconds(3))
            .AddService("orders", service => service.Endpoints.Add("http://orders-1"))
            .Services.AddMesh(all => all.Services["payments"].Timeout += TimeSpan.FromSeconds(1)));

        Assert.Equal(["orders", "Payments"], options.Services.Keys.Order(StringComparer.OrdinalIgnoreCase));
        Assert.Equal(TimeSpan.FromSeconds(4), options.Services["payments"].Timeout);
        Assert.Equal(TimeSpan.FromSeconds(2), options.Services["payments"].ConnectTimeout);
        Assert.Equal(["http://orders-1"], options.Services["orders"].Endpoints.Select(endpoint => endpoint.Address));
    }

    [Fact]
    public void Code_before_AddMesh_applies_after_configuration_too()
    {
        using var application = new TestApplication("""{ "Mesh": { "Domain": "from.configuration" } }""");
        application.Services.Configure<MeshOptions>(options => options.Domain = "from.code");
        application.Services.AddMesh();

        Assert.Equal("from.code", application.Build().GetRequiredService<ModelInForce>().Current.Options.Domain);
    }

    [Fact]
    public void A_given_section_replaces_the_one_of_the_application()
    {
        using var application = new TestApplication("""
            { "Mesh": { "Domain": "stock" }, "Custom": { "Net": { "Domain": "own", "Services": { "orders": { "Timeuot": "00:00:01" } } } } }
            """);
        application.Services.AddMesh();
        application.Services.AddMesh(application.Configuration.GetSection("Custom:Net"));

        var exception = Assert.ThrowsAny<OptionsValidationException>(() => application.Build().GetRequiredService<ModelInForce>());
        Assert.Equal(["Custom:Net:Services:orders:Timeuot is not a setting. Did you mean 'Timeout'?"], exception.Failures);

        application.Save("""{ "Custom": { "Net": { "Domain": "own" } } }""");
        Assert.Equal("own", application.Build().GetRequiredService<ModelInForce>().Current.Options.Domain);
    }

    [Fact]
    public async Task A_web_application_with_mistakes_does_not_start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection([new("Mesh:Defautls:Timeout", "00:00:01"), new("Mesh:Defaults:Timeout", "soon")]);
        builder.Services.AddMesh();

        var exception = await Assert.ThrowsAnyAsync<OptionsValidationException>(async () =>
        {
            await using var application = builder.Build();
            await application.StartAsync(TestContext.Current.CancellationToken);
        });

        Assert.Contains("has 2 mistakes:\n  Mesh:Defa", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_starts_and_is_named_after_the_application()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "Acme.Order Worker" });
        builder.Services.AddMesh();
        using var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal("acme-order-worker", host.Services.GetRequiredService<ModelInForce>().Current.Options.Service.Name);
        Assert.Equal("acme-order-worker", host.Services.GetRequiredService<IOptions<MeshOptions>>().Value.Service.Name);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }
}
