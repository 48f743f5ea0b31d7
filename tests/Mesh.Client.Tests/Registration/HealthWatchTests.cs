using Mesh.Client.Options;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Primitives;
using Mesh.Client.Registration;
using Mesh.Client.Tests.Eureka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.Tests.Registration;

public sealed class HealthWatchTests : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private readonly StepTimeProvider _time = new();
    private readonly FakeLogCollector _logs = new();
    private readonly ScriptedNetwork _network = new();
    private readonly Dictionary<string, HealthStatus> _states = [];
    private ServiceProvider? _provider;
    private HealthWatch? _watch;
    private OwnRegistration? _own;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_watch is not null)
        {
            await _watch.StoppingAsync(Token);
            await Patience.For(_watch.StopAsync(Token), "the end of the loop");
        }

        if (_provider is not null)
        {
            await _provider.DisposeAsync();
        }
    }

    [Fact]
    public async Task Watch_goes_down_after_two_unhealthy_rounds_and_up_after_two_healthy_ones()
    {
        await StartAsync(("db", ["ready"]));

        _states["db"] = HealthStatus.Unhealthy;
        Assert.Equal(InstanceStatus.Up, await RoundAsync());
        Assert.Equal(InstanceStatus.Down, await RoundAsync());
        Assert.Equal(InstanceStatus.Down, await RoundAsync());
        _states["db"] = HealthStatus.Degraded;
        Assert.Equal(InstanceStatus.Down, await RoundAsync());
        Assert.Equal(InstanceStatus.Up, await RoundAsync());

        Assert.Contains("because of db", Assert.Single(Logged(2128)).Message, StringComparison.Ordinal);
        Assert.Single(Logged(2129));
    }

    [Fact]
    public async Task Watch_says_why_each_check_is_unhealthy()
    {
        await StartAsync(
            static health => health.FailuresBeforeDown = 1,
            static services => services.AddHealthChecks()
                .AddCheck("db", static () => HealthCheckResult.Unhealthy("disk full."), ["ready"])
                .AddCheck("cache", static () => throw new TimeoutException("no answer"), ["ready"])
                .AddCheck("plain", static () => HealthCheckResult.Unhealthy(), ["ready"]));

        Assert.Equal(InstanceStatus.Down, await RoundAsync());

        Assert.Equal(
            "Not healthy because of db (disk full), cache (TimeoutException: no answer), plain: this instance is registered as DOWN.",
            Assert.Single(Logged(2128)).Message);
    }

    [Fact]
    public async Task Watch_flapping_check_changes_nothing()
    {
        await StartAsync(("db", ["ready"]));
        for (var i = 0; i < 6; i++)
        {
            _states["db"] = i % 2 == 0 ? HealthStatus.Unhealthy : HealthStatus.Healthy;
            Assert.Equal(InstanceStatus.Up, await RoundAsync());
        }
    }

    [Fact]
    public async Task Watch_numbers_of_rounds_are_configurable()
    {
        await StartAsync(health =>
        {
            health.FailuresBeforeDown = 1;
            health.SuccessesBeforeUp = 3;
        }, ("db", ["ready"]));

        _states["db"] = HealthStatus.Unhealthy;
        Assert.Equal(InstanceStatus.Down, await RoundAsync());
        _states["db"] = HealthStatus.Healthy;
        Assert.Equal(InstanceStatus.Down, await RoundAsync());
        Assert.Equal(InstanceStatus.Down, await RoundAsync());
        Assert.Equal(InstanceStatus.Up, await RoundAsync());
    }

    [Theory]
    [InlineData("live")]
    [InlineData("ready", "mesh")]
    public async Task Watch_checks_without_the_tag_ready_and_those_tagged_mesh_never_count(params string[] tags)
    {
        await StartAsync(health => health.FailuresBeforeDown = 1, ("other", tags), ("db", ["ready"]));
        _states["other"] = HealthStatus.Unhealthy;

        Assert.Equal(InstanceStatus.Up, await RoundAsync());
        Assert.Equal(InstanceStatus.Up, await RoundAsync());
    }

    [Fact]
    public async Task Watch_switched_off_brings_back_up()
    {
        var health = await StartAsync(health => health.FailuresBeforeDown = 1, ("db", ["ready"]));
        _states["db"] = HealthStatus.Unhealthy;
        Assert.Equal(InstanceStatus.Down, await RoundAsync());

        health.Enabled = false;
        health.SuccessesBeforeUp = 1;

        Assert.Equal(InstanceStatus.Up, await RoundAsync());
    }

    [Fact]
    public async Task Watch_check_that_hangs_is_unhealthy_after_its_time()
    {
        await StartAsync(health =>
        {
            health.FailuresBeforeDown = 1;
            health.CheckTimeout = TimeSpan.FromSeconds(3);
        }, services => services.AddHealthChecks()
            .AddAsyncCheck("hangs", () => new TaskCompletionSource<HealthCheckResult>().Task, ["ready"]));

        _time.Advance(Interval);
        await _time.PassWaitAsync(TimeSpan.FromSeconds(3));
        await _time.ReachWaitAsync(Interval);

        Assert.Equal(InstanceStatus.Down, _own!.Status);
        Assert.Contains(
            "because of hangs (no result within 00:00:03, Mesh:Discovery:Eureka:Health:CheckTimeout): this instance",
            Assert.Single(Logged(2128)).Message,
            StringComparison.Ordinal);
    }

    /// <summary>Each round would cost a thread or a connection more.</summary>
    [Fact]
    public async Task Watch_check_that_hangs_is_not_started_again_beside_itself()
    {
        var (started, asked, check) = (0, new TaskCompletionSource(), new TaskCompletionSource<HealthCheckResult>());
        await StartAsync(
            health => health.CheckTimeout = TimeSpan.FromSeconds(3),
            services => services.AddHealthChecks().AddAsyncCheck(
                "hangs",
                () =>
                {
                    Interlocked.Increment(ref started);
                    asked.TrySetResult();
                    return check.Task;
                },
                ["ready"]));

        _time.Advance(Interval);
        await Patience.For(asked.Task, "the check");
        await _time.PassWaitAsync(TimeSpan.FromSeconds(3));
        await _time.ReachWaitAsync(Interval);
        Assert.Equal(InstanceStatus.Up, _own!.Status);
        Assert.Equal(InstanceStatus.Down, await RoundAsync());
        Assert.Equal(1, started);

        check.SetResult(HealthCheckResult.Healthy());

        // What has hung has to end first, which no fake clock tells.
        using var breath = new PeriodicTimer(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        for (var i = 0; i < 6000 && await RoundAsync() != InstanceStatus.Up; i++)
        {
            await breath.WaitForNextTickAsync(Token);
        }

        Assert.Equal(InstanceStatus.Up, _own.Status);
    }

    [Fact]
    public async Task Watch_application_that_is_not_up_yet_is_not_checked()
    {
        await StartAsync(("db", ["ready"]));
        _own!.SetLife(RegistrationStatus.Starting);
        _states["db"] = HealthStatus.Unhealthy;
        for (var i = 0; i < 3; i++)
        {
            await RoundAsync();
        }

        _own.SetLife(RegistrationStatus.Up);

        Assert.Equal(InstanceStatus.Up, _own.Status);
    }

    /// <summary>A cascade: the failure of one service takes down those that call it, then those that call these.</summary>
    [Fact]
    public async Task Watch_check_that_calls_a_service_of_the_mesh_never_counts_whatever_its_tags()
    {
        HttpClient? client = null;
        await StartAsync(
            health => health.FailuresBeforeDown = 1,
            services =>
            {
                services.AddHealthChecks()
                    .AddAsyncCheck("payments", async () => (await client!.GetAsync(new Uri("http://payments/health"),
                        Token)).IsSuccessStatusCode
                        ? HealthCheckResult.Healthy()
                        : HealthCheckResult.Unhealthy(), ["ready"])
                    .AddCheck("db", () => new HealthCheckResult(_states.GetValueOrDefault("db", HealthStatus.Healthy)), ["ready"]);
                services.AddHttpClient("payments");
            });
        client = _provider!.GetRequiredService<IHttpClientFactory>().CreateClient("payments");
        _network.On("10.0.0.1:8080", System.Net.HttpStatusCode.InternalServerError);

        Assert.Equal(InstanceStatus.Up, await RoundAsync());
        Assert.Equal(InstanceStatus.Up, await RoundAsync());
        var ignored = Assert.Single(Logged(2130)).Message;
        Assert.Contains("payments calls service payments", ignored, StringComparison.Ordinal);

        // The others go on counting.
        _states["db"] = HealthStatus.Unhealthy;
        Assert.Equal(InstanceStatus.Down, await RoundAsync());
    }

    private Task<EurekaHealthOptions> StartAsync(params (string Name, string[] Tags)[] checks) => StartAsync(static _ => { }, checks);

    private Task<EurekaHealthOptions> StartAsync(Action<EurekaHealthOptions> configure, params (string Name, string[] Tags)[] checks) =>
        StartAsync(
        configure,
        services =>
        {
            foreach (var (name, tags) in checks)
            {
                services.AddHealthChecks().AddCheck(
                    name, () => new HealthCheckResult(_states.GetValueOrDefault(name, HealthStatus.Healthy)), tags);
            }
        });

    private async Task<EurekaHealthOptions> StartAsync(Action<EurekaHealthOptions> configure, Action<IServiceCollection> services)
    {
        var collection = new ServiceCollection();
        collection.AddLogging(logging => logging.AddProvider(new FakeLoggerProvider(_logs)));
        collection.AddKeyedSingleton<TimeProvider>(OwnClockAttribute.Name, _time);
        collection.AddSingleton<IHostApplicationLifetime>(new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance));
        collection.AddSingleton<ITransportFactory>(_network);
        services(collection);
        EurekaHealthOptions? health = null;
        collection.AddMesh(options =>
        {
            health = options.Discovery.Eureka.Health;
            health.CheckTimeout = TimeSpan.FromSeconds(9);
            configure(health);
        }).AddService("payments", service =>
        {
            service.Endpoints = ["http://10.0.0.1:8080"];
            service.Retry.MaxRetries = 0;
            // Three lengths, so that the test can tell the waits of a call, of a check and of the loop apart.
            service.Timeout = TimeSpan.FromSeconds(8);
        });
        _provider = collection.BuildServiceProvider();
        _watch = _provider.GetServices<IHostedService>().OfType<HealthWatch>().Single();
        _own = _provider.GetRequiredService<OwnRegistration>();
        Assert.Same(_own, _provider.GetRequiredService<IMeshRegistration>());
        _own.SetLife(RegistrationStatus.Up);
        await _watch.StartedAsync(Token);
        await _time.ReachWaitAsync(Interval);
        return health!;
    }

    private async Task<InstanceStatus> RoundAsync()
    {
        _time.Advance(Interval);
        await _time.ReachWaitAsync(Interval);
        return _own!.Status;
    }

    private List<FakeLogRecord> Logged(int id) => [.. _logs.GetSnapshot().Where(record => record.Id.Id == id)];
}
