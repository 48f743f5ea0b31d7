using Mesh.Client.Lifecycle;
using Mesh.Client.Outbound.Balancing.Locality;
using Mesh.Client.Primitives;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Lifecycle;

/// <summary>A registrar of the application's own, beside Eureka's: what it is told and when, and what its faults cost.</summary>
public sealed class RegistrarTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Registrar_is_told_who_and_where_we_are_and_each_step_once()
    {
        var registrar = new Registrar();
        await using var app = Application(registrar, ("Mesh:Service:Labels:lane", "blue"), ("Mesh:Lifecycle:DrainDelay", "00:00:00"));
        var own = app.Services.GetRequiredService<IMeshRegistration>();
        var next = own.NextChange;
        await app.StartAsync();
        await next.WaitAsync(TimeSpan.FromSeconds(10), Token);

        Assert.Equal(["prepare", "begin"], registrar.Steps);
        var instance = registrar.Instance!;
        Assert.Equal(
            ("orders-api", "127.0.0.1", 5000, null), (instance.Service, instance.HostName, instance.Port, instance.SecurePort));
        Assert.Equal(["http://localhost:5000"], instance.Listening);
        Assert.Equal("blue", own.Metadata["lane"]);
        Assert.Equal(InstanceStatus.Up, own.Status);

        await app.Lifecycle.StoppingAsync(Token);
        Assert.Equal(InstanceStatus.Down, own.Status);
        await app.Lifecycle.StoppedAsync(Token);
        Assert.Equal(["prepare", "begin", "end", "down", "remove"], registrar.Steps);
    }

    [Fact]
    public async Task Registrar_that_is_not_wanted_is_prepared_and_never_begun()
    {
        var registrar = new Registrar { IsWanted = false };
        await using var app = Application(registrar);
        await app.StartAsync();

        Assert.Equal(["prepare"], registrar.Steps);
        Assert.DoesNotContain(app.Services.GetFakeLogCollector().GetSnapshot(), static record => record.Id.Id == 2202);
    }

    [Fact]
    public async Task Registrar_is_told_nothing_while_the_mesh_is_off()
    {
        var registrar = new Registrar();
        await using var app = Application(registrar, ("Mesh:Enabled", "false"));
        await app.StartAsync();
        await app.Lifecycle.StoppingAsync(Token);
        await app.Lifecycle.StoppedAsync(Token);

        Assert.Empty(registrar.Steps);
    }

    [Theory]
    [InlineData("prepare")]
    [InlineData("begin")]
    [InlineData("end")]
    [InlineData("down")]
    [InlineData("remove")]
    public async Task Registrar_that_throws_holds_up_neither_the_start_nor_the_stop(string step)
    {
        var registrar = new Registrar
        {
            Fault = name => name == step ? throw new InvalidOperationException("broken") : Task.CompletedTask,
        };
        await using var app = Application(registrar, ("Mesh:Lifecycle:DrainDelay", "00:00:00"));
        await app.StartAsync();
        await app.Lifecycle.StoppingAsync(Token);
        await app.Lifecycle.StoppedAsync(Token);

        Assert.True(app.Drain.IsDraining);
        var failed = Assert.Single(app.Services.GetFakeLogCollector().GetSnapshot(), static record => record.Id.Id == 2213);
        Assert.Contains("'mine'", failed.Message, StringComparison.Ordinal);
        Assert.Equal("broken", failed.Exception!.Message);
        Assert.Equal("remove", registrar.Steps[^1]);
    }

    [Fact]
    public async Task Registrar_whose_properties_throw_holds_up_nothing()
    {
        await using var app = new LifecycleHarness(
            static services => services.AddSingleton<IServiceRegistrar>(new Broken()),
            settings: [("Mesh:Discovery:Eureka:ServiceUrls:0", string.Empty), ("Mesh:Lifecycle:DrainDelay", "00:00:00")]);
        await app.StartAsync();
        await app.Lifecycle.StoppingAsync(Token);
        await app.Lifecycle.StoppedAsync(Token);

        Assert.True(app.Drain.IsDraining);
        Assert.All(
            app.Services.GetFakeLogCollector().GetSnapshot().Where(static record => record.Id.Id == 2213),
            static record => Assert.Contains("'Broken'", record.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Registrar_that_hangs_is_given_up_after_its_time()
    {
        var hang = new TaskCompletionSource();
        var registrar = new Registrar { Fault = name => name == "remove" ? hang.Task : Task.CompletedTask };
        await using var app = Application(registrar, ("Mesh:Lifecycle:DrainDelay", "00:00:00"));
        await app.StartAsync();
        await app.Lifecycle.StoppingAsync(Token);

        var stopped = app.Lifecycle.StoppedAsync(Token);
        await app.Time.PassWaitAsync(Registrars.MaxTime);
        await stopped.WaitAsync(TimeSpan.FromSeconds(10), Token);

        Assert.True(registrar.Patience.IsCancellationRequested);
        Assert.Single(app.Services.GetFakeLogCollector().GetSnapshot(), static record => record.Id.Id == 2213);
        hang.SetResult();
    }

    [Fact]
    public async Task Registrar_is_begun_and_ended_while_the_status_still_says_so()
    {
        IMeshRegistration? own = null;
        var seen = new List<(string Step, InstanceStatus Status)>();
        var registrar = new Registrar
        {
            Fault = name =>
            {
                seen.Add((name, own!.Status));
                return Task.CompletedTask;
            },
        };
        await using var app = Application(registrar, ("Mesh:Lifecycle:DrainDelay", "00:00:00"));
        own = app.Services.GetRequiredService<IMeshRegistration>();
        var next = own.NextChange;
        await app.StartAsync();
        await next.WaitAsync(TimeSpan.FromSeconds(10), Token);
        await app.Lifecycle.StoppingAsync(Token);
        await app.Lifecycle.StoppedAsync(Token);

        Assert.Equal(
            [
                ("begin", InstanceStatus.Starting), ("end", InstanceStatus.Up), ("down", InstanceStatus.Down),
                ("remove", InstanceStatus.Down),
            ],
            seen[1..]);
    }

    [Fact]
    public async Task Registrar_is_ended_and_removed_where_a_start_has_failed()
    {
        var registrar = new Registrar();
        var app = Application(registrar);
        await app.Lifecycle.StartingAsync(Token);
        await app.Lifecycle.StartedAsync(Token);

        await app.DisposeAsync();

        Assert.Equal(["prepare", "begin", "end", "remove"], registrar.Steps);
    }

    [Fact]
    public async Task Id_of_a_registrar_is_that_by_which_this_process_finds_itself()
    {
        await using var app = Application(new Registrar());
        await app.StartAsync();

        Assert.Equal(StableHash.Hash("orders-1"), app.Services.GetRequiredService<LocalityProvider>().Current.Seed);
    }

    /// <summary>Eureka is switched off.</summary>
    private static LifecycleHarness Application(Registrar registrar, params (string Key, string? Value)[] settings) => new(
        services => services.AddSingleton<IServiceRegistrar>(registrar),
        settings: [("Mesh:Discovery:Eureka:ServiceUrls:0", string.Empty), .. settings]);

    private sealed class Broken : IServiceRegistrar
    {
        public string Name => throw new InvalidOperationException("no name");

        public bool IsWanted => throw new InvalidOperationException("no answer");

        public bool IsAnnouncedUp => throw new InvalidOperationException("no answer");

        public string? Prepare(OwnInstance instance) => throw new InvalidOperationException("not prepared");

        public void Begin() => throw new InvalidOperationException("not begun");

        public Task EndAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("no end");

        public Task AnnounceDownAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("not down");

        public Task RemoveAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("not removed");
    }

    private sealed class Registrar : IServiceRegistrar
    {
        public List<string> Steps { get; } = [];

        public OwnInstance? Instance { get; private set; }

        /// <summary>How long its removal may take.</summary>
        public CancellationToken Patience { get; private set; }

        public Func<string, Task> Fault { get; init; } = static _ => Task.CompletedTask;

        public string Name => "mine";

        public bool IsWanted { get; init; } = true;

        public bool IsAnnouncedUp => true;

        public string? Prepare(OwnInstance instance)
        {
            Instance = instance;
            _ = StepAsync("prepare");
            return IsWanted ? "orders-1" : null;
        }

        public void Begin() => _ = StepAsync("begin");

        public Task EndAsync(CancellationToken cancellationToken) => StepAsync("end");

        public Task AnnounceDownAsync(CancellationToken cancellationToken) => StepAsync("down");

        public Task RemoveAsync(CancellationToken cancellationToken)
        {
            Patience = cancellationToken;
            return StepAsync("remove");
        }

        private Task StepAsync(string name)
        {
            Steps.Add(name);
            return Fault(name);
        }
    }
}
