using Mesh.Client.Lifecycle;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Lifecycle;

/// <summary>A signal that comes while the application starts.</summary>
public sealed class StartupLifetimeTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly PendingStop _pending = new();
    private readonly ApplicationLifetime _application = new(NullLogger<ApplicationLifetime>.Instance);
    private readonly StartupLifetime.Deferring _signals;

    public StartupLifetimeTests() => _signals = new StartupLifetime.Deferring(_application, _pending, _time);

    private bool IsStopping => _application.ApplicationStopping.IsCancellationRequested;

    public void Dispose() => _pending.Dispose();

    [Fact]
    public void Signal_during_the_start_stops_the_application_when_it_has_started()
    {
        _signals.StopApplication();
        Assert.True(_pending.IsRequested);
        Assert.False(IsStopping);

        _application.NotifyStarted();

        Assert.True(IsStopping);
    }

    [Fact]
    public void Signal_after_the_start_stops_the_application_as_ever()
    {
        _application.NotifyStarted();
        Assert.False(IsStopping);

        _signals.StopApplication();

        Assert.True(IsStopping);
        Assert.False(_pending.IsRequested);
    }

    [Fact]
    public void Start_that_takes_too_long_is_cancelled()
    {
        _signals.StopApplication();
        _time.Advance(StartupLifetime.MaxWait - TimeSpan.FromTicks(1));
        Assert.False(IsStopping);

        _time.Advance(TimeSpan.FromTicks(1));

        Assert.True(IsStopping);
    }

    [Fact]
    public void Second_signal_cancels_the_start_and_one_delivered_twice_does_not()
    {
        _signals.StopApplication();
        _time.Advance(MeshLifecycle.SameSignal - TimeSpan.FromMilliseconds(1));
        _signals.StopApplication();
        Assert.False(IsStopping);

        _time.Advance(TimeSpan.FromMilliseconds(2));
        _signals.StopApplication();

        Assert.True(IsStopping);
    }

    [Fact]
    public void Lifetime_of_the_host_is_replaced_and_no_other()
    {
        var console = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        console.Services.AddMesh();
        using var host = console.Build();
        Assert.IsType<StartupLifetime>(host.Services.GetRequiredService<IHostLifetime>());

        var before = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        before.Services.AddSingleton<IHostLifetime, OwnLifetime>();
        before.Services.AddMesh();
        using var withOwn = before.Build();
        Assert.IsType<OwnLifetime>(withOwn.Services.GetRequiredService<IHostLifetime>());

        var after = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        after.Services.AddMesh();
        after.Services.AddSingleton<IHostLifetime, OwnLifetime>();
        using var withLater = after.Build();
        Assert.IsType<OwnLifetime>(withLater.Services.GetRequiredService<IHostLifetime>());
    }

    private sealed class OwnLifetime : IHostLifetime
    {
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
