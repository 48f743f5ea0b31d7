using Mesh.Client.Eureka;
using Mesh.Client.Model;
using Mesh.Client.Primitives;
using Mesh.Client.Tests.Eureka;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.Tests.Lifecycle;

/// <summary>The host from before ASP.NET Core 3 runs hosted services without their phases. It is not supported, and must not be silent
/// about it.</summary>
public sealed class WebHostTests : IDisposable
{
    private readonly FakeLogCollector _log = new();
    private readonly ScriptedRegistry _wire = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_says_what_is_missing_and_how_to_build_the_application_and_what_is_on_the_mesh()
    {
        await RunAsync();

        var warning = Assert.Single(Logged(2212));
        Assert.Equal(LogLevel.Warning, warning.Level);
        Assert.Equal("LifecycleNotRun", warning.Id.Name);
        Assert.Equal(
            "This host (WebHost?) does not run the phases of IHostedLifecycleService: the application is not registered, and does not "
            + "drain when it stops. Build it with WebApplication.CreateBuilder(args), or with "
            + "Host.CreateDefaultBuilder(args).ConfigureWebHostDefaults(...).",
            warning.Message);
        Assert.StartsWith("On the mesh as 'orders'.", Assert.Single(Logged(105)).Message, StringComparison.Ordinal);
        Assert.Empty(_wire.Rest());
    }

    [Fact]
    public async Task Start_with_the_mesh_switched_off_warns_of_nothing()
    {
        await RunAsync(("Mesh:Enabled", "false"));

        Assert.Empty(Logged(2212));
        Assert.Single(Logged(106));
    }

    /// <summary>A host with phases has all of it, and one line.</summary>
    [Fact]
    public async Task Start_in_a_host_with_phases_warns_of_nothing()
    {
        await using var app = new LifecycleHarness();
        await app.StartUpAsync();

        Assert.DoesNotContain(2212, app.Services.GetFakeLogCollector().GetSnapshot().Select(static record => record.Id.Id));
    }

    public void Dispose() => _wire.Dispose();

    private async Task RunAsync(params (string Key, string Value)[] settings)
    {
#pragma warning disable ASPDEPR004, ASPDEPR008 // WebHostBuilder, IWebHost: this test is about them.
        using var host = new WebHostBuilder()
            .ConfigureAppConfiguration(configuration => configuration.AddInMemoryCollection(
                new Dictionary<string, string?>
                {
                    ["Mesh:Service:Name"] = "orders",
                    ["Mesh:Discovery:Eureka:ServiceUrls:0"] = "http://registry:8761/eureka/",
                    ["Mesh:Discovery:Eureka:Fetch"] = "false",
                }.Concat(settings.Select(static setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))))
            .ConfigureServices(services =>
            {
                services.AddLogging(logging => logging.AddProvider(new FakeLoggerProvider(_log)));
                services.AddSingleton<IServer>(new StubServer("http://localhost:5000"));
                services.AddKeyedSingleton<TimeProvider>(OwnClockAttribute.Name, new StepTimeProvider());
                services.AddSingleton(provider =>
                    new EurekaClient(provider.GetRequiredService<ModelInForce>(), TimeProvider.System, _wire));
                services.AddMesh();
            })
            .Configure(static app => app.Run(static context => context.Response.WriteAsync("hello")))
            .Build();
#pragma warning restore ASPDEPR004, ASPDEPR008
        await host.StartAsync(Token);
        await host.StopAsync(Token);
    }

    private List<FakeLogRecord> Logged(int id) => [.. _log.GetSnapshot().Where(record => record.Id.Id == id)];
}
