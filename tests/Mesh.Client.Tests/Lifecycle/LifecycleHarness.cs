using Mesh.Client.DependencyInjection;
using Mesh.Client.Eureka;
using Mesh.Client.Lifecycle;
using Mesh.Client.Model;
using Mesh.Client.Primitives;
using Mesh.Client.Registration;
using Mesh.Client.Tests.Eureka;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Client.Tests.Lifecycle;

/// <summary>An application's services with a scripted registry, a stub server and a fake clock; the test plays the host.</summary>
internal sealed class LifecycleHarness : IAsyncDisposable
{
    public const string Instance = "127.0.0.1:orders-api:5000";
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(30);
    private readonly ServiceProvider _provider;

    public LifecycleHarness(
        Action<IServiceCollection>? configure = null,
        IServer? server = null,
        bool worker = false,
        Action<IServiceCollection>? after = null,
        params (string Key, string? Value)[] settings)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddFakeLogging();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(
            new Dictionary<string, string?>
            {
                ["Mesh:Discovery:Eureka:ServiceUrls:0"] = "http://registry:8761/eureka/",
                // These tests are about registering; fetches would only mix with it.
                ["Mesh:Discovery:Eureka:Fetch"] = "false",
            }.Concat(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value))).GroupBy(setting => setting.Key)
                .Select(setting => setting.Last())).Build());
        services.AddKeyedSingleton<TimeProvider>(OwnClockAttribute.Name, Time);
        services.AddSingleton<IRandomSource>(new FixedRandom());
        services.AddSingleton<IHostEnvironment>(new HostingEnvironment { ApplicationName = "Orders.Api" });
        services.AddSingleton<IHostApplicationLifetime>(Host);
        services.AddSingleton<IStopSignals>(Signals);
        services.AddSingleton(provider => new EurekaClient(provider.GetRequiredService<ModelInForce>(), Time, Wire));
        if (!worker)
        {
            services.AddSingleton(server ?? new StubServer("http://localhost:5000"));
        }

        configure?.Invoke(services);
        services.AddMesh();
        services.AddMeshLifecycle();
        after?.Invoke(services);
        All = [.. services];
        _provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true });
        Lifecycle = _provider.GetServices<IHostedService>().OfType<MeshLifecycle>().Single();
    }

    /// <summary>Everything that is registered.</summary>
    public ServiceDescriptor[] All { get; }

    public StepTimeProvider Time { get; } = new();

    public ScriptedRegistry Wire { get; } = new();

    public ApplicationLifetime Host { get; } = new(NullLogger<ApplicationLifetime>.Instance);

    public ScriptedSignals Signals { get; } = new();

    public MeshLifecycle Lifecycle { get; }

    public DrainState Drain => _provider.GetRequiredService<DrainState>();

    public IServiceProvider Services => _provider;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>What a host does until the application has started.</summary>
    public async Task StartAsync()
    {
        await Lifecycle.StartingAsync(Token);
        await Lifecycle.StartAsync(Token);
        await Lifecycle.StartedAsync(Token);
        Host.NotifyStarted();
    }

    /// <summary>Starts and reads the two registrations of an application that is ready.</summary>
    public async Task StartUpAsync()
    {
        await StartAsync();
        while (await Wire.NextAsync() is not { Body: not null, Status: "UP" })
        {
        }

        await Time.ReachWaitAsync(Heartbeat);
        Wire.Rest();
    }

    public ValueTask DisposeAsync() => _provider.DisposeAsync();
}
