using Mesh.Client.Tests.Eureka;
using Mesh.Client.Tests.Lifecycle;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Registration;

/// <summary>What load balancers and logs learn of starting and leaving.</summary>
public sealed class ReadinessTests
{
    private static readonly TimeSpan DrainDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Check_fails_from_the_moment_in_which_the_application_leaves_and_has_no_say_in_its_registration()
    {
        await using var app = new LifecycleHarness(services => services.AddHealthChecks().AddMeshReadiness());
        await app.StartUpAsync();
        Assert.Equal(HealthStatus.Healthy, (await ReadAsync(app)).Status);

        var stopping = app.Lifecycle.StoppingAsync(Token);
        await app.Time.ReachWaitAsync(DrainDelay);

        var report = await ReadAsync(app);
        Assert.Equal(HealthStatus.Unhealthy, report.Status);
        Assert.Contains("Draining", report.Entries["mesh-draining"].Description, StringComparison.Ordinal);
        app.Time.Advance(DrainDelay);
        await Patience.For(stopping, "the end of the drain delay");
    }

    /// <summary>Whoever reads the readiness needs the delay as much as callers that learn from a registry.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stop_of_an_application_that_does_not_register_waits_where_its_readiness_is_read(bool read)
    {
        await using var app = new LifecycleHarness(
            services => services.AddHealthChecks().AddMeshReadiness(),
            settings: ("Mesh:Lifecycle:RegisterWhen", "Never"));
        await app.StartAsync();
        if (read)
        {
            await ReadAsync(app);
        }

        var stopping = app.Lifecycle.StoppingAsync(Token);
        if (read)
        {
            await app.Time.ReachWaitAsync(DrainDelay);
            Assert.False(stopping.IsCompleted);
            Assert.Contains(
                "A second SIGTERM or Ctrl-C skips the wait", Assert.Single(Logged(app, 2203)).Message, StringComparison.Ordinal);
            app.Time.Advance(DrainDelay);
        }

        await Patience.For(stopping, "leaving");
        Assert.Equal(read ? 1 : 0, Logged(app, 2203).Count());
    }

    /// <summary>Switched off, the application is as it would be without the mesh, which delays no stop.</summary>
    [Fact]
    public async Task Stop_with_the_mesh_switched_off_waits_for_no_reader()
    {
        await using var app = new LifecycleHarness(
            services => services.AddHealthChecks().AddMeshReadiness(), settings: ("Mesh:Enabled", "false"));
        await app.StartAsync();
        await ReadAsync(app);
        app.Drain.NoteCaller();

        await AssertLeavesAtOnceAsync(app);
        Assert.Equal(HealthStatus.Unhealthy, (await ReadAsync(app)).Status);
    }

    /// <summary>A server in memory (TestServer): who reads its readiness, or calls it, is the test itself.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stop_of_a_server_without_an_address_waits_for_nobody(bool feature)
    {
        var server = new StubServer();
        if (!feature)
        {
            server.Features.Set<IServerAddressesFeature>(null);
        }

        await using var app = new LifecycleHarness(services => services.AddHealthChecks().AddMeshReadiness(), server);
        await app.StartAsync();
        await ReadAsync(app);
        app.Drain.NoteCaller();

        await AssertLeavesAtOnceAsync(app);
    }

    [Fact]
    public async Task Start_that_is_not_ready_for_long_is_not_a_line_of_log_each_second()
    {
        var db = HealthStatus.Unhealthy;
        await using var app = new LifecycleHarness(services => services.AddHealthChecks()
            .AddCheck("db", () => new HealthCheckResult(db), tags: ["ready"])
            .AddCheck("cache", () => db == HealthStatus.Degraded ? HealthCheckResult.Unhealthy() : HealthCheckResult.Healthy(),
                tags: ["ready"]));
        await app.StartAsync();
        for (var i = 0; i < 20; i++)
        {
            await app.Time.PassWaitAsync(Second);
        }

        await app.Time.ReachWaitAsync(Second);
        var logs = app.Services.GetFakeLogCollector();
        Assert.DoesNotContain(
            logs.GetSnapshot(),
            record => record.Category!.Contains("HealthChecks", StringComparison.Ordinal) && record.Level > LogLevel.Debug);
        Assert.Contains("because of db", Assert.Single(Logged(app, 2210)).Message, StringComparison.Ordinal);

        // Another reason is another line.
        db = HealthStatus.Degraded;
        app.Time.Advance(Second);
        await app.Time.ReachWaitAsync(Second);
        Assert.Contains("because of cache", Logged(app, 2210).Last().Message, StringComparison.Ordinal);
    }

    /// <summary>A warm-up of a minute looks like any check that fails, unless the line says what has happened.</summary>
    [Theory]
    [InlineData(true, "00:00:10", null)]
    [InlineData(false, "00:00:10", null)]
    [InlineData(false, "00:00:04", "00:00:04")]
    public async Task Start_check_that_takes_too_long_says_so_with_the_setting_and_again_when_that_changes(
        bool looksAtItsToken, string limit, string? configured)
    {
        var slow = true;
        var hangs = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var app = new LifecycleHarness(
            services => services.AddHealthChecks().AddAsyncCheck(
                "warm",
                async cancellation =>
                {
                    if (Volatile.Read(ref slow))
                    {
                        hangs.TrySetResult();
                        await new TaskCompletionSource().Task.WaitAsync(looksAtItsToken ? cancellation : CancellationToken.None);
                    }

                    return HealthCheckResult.Unhealthy();
                },
                ["ready"]),
            settings: [("Mesh:Discovery:Eureka:Health:CheckTimeout", configured)]);
        await app.StartAsync();

        // On a busy machine the limit would pass before the check has begun, which would then not hang at all.
        await hangs.Task.WaitAsync(Token);
        await app.Time.PassWaitAsync(TimeSpan.Parse(limit, System.Globalization.CultureInfo.InvariantCulture));
        await app.Time.ReachWaitAsync(Second);
        Assert.Equal(
            $"Not published yet: not ready because of warm (no result within {limit}, Mesh:Discovery:Eureka:Health:CheckTimeout).",
            Assert.Single(Logged(app, 2210)).Message);

        // What looks at its token ends now, and is asked again; what hangs is not.
        Volatile.Write(ref slow, false);
        using var breath = new PeriodicTimer(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        for (var i = 0; i < (looksAtItsToken ? 3000 : 5) && Logged(app, 2210).Count() < 2; i++)
        {
            app.Time.Advance(Second);
            await app.Time.ReachWaitAsync(Second);
            await breath.WaitForNextTickAsync(Token);
        }

        Assert.Equal(
            looksAtItsToken ? ["Not published yet: not ready because of warm."] : [],
            Logged(app, 2210).Skip(1).Select(static record => record.Message));
    }

    /// <summary>The limit that its registration sets is another one.</summary>
    [Fact]
    public async Task Start_check_that_takes_longer_than_its_registration_allows_says_so()
    {
        await using var app = new LifecycleHarness(services => services.AddHealthChecks().Add(new HealthCheckRegistration(
            "warm", static _ => new Hanging(), HealthStatus.Unhealthy, ["ready"], TimeSpan.FromSeconds(3))));
        await app.StartAsync();
        await app.Time.PassWaitAsync(TimeSpan.FromSeconds(3));
        await app.Time.ReachWaitAsync(Second);

        Assert.Equal(
            "Not published yet: not ready because of warm (no result within 00:00:03, the Timeout of its registration).",
            Assert.Single(Logged(app, 2210)).Message);
    }

    /// <summary>As the service of the health checks does it.</summary>
    [Theory]
    [InlineData(HealthStatus.Unhealthy, false)]
    [InlineData(HealthStatus.Degraded, true)]
    public async Task Start_check_that_throws_counts_as_its_registration_says(HealthStatus failure, bool up)
    {
        await using var app = new LifecycleHarness(
            services => services.AddScoped<Throwing>().AddHealthChecks().AddCheck<Throwing>("throws", failure, ["ready"]));
        await app.StartAsync();
        Assert.Equal("STARTING", (await app.Wire.NextAsync()).Status);
        if (up)
        {
            Assert.Equal("UP", (await app.Wire.NextAsync()).Status);
        }
        else
        {
            await app.Time.ReachWaitAsync(Second);
            Assert.Equal(
                "Not published yet: not ready because of throws (InvalidOperationException: fails).",
                Assert.Single(Logged(app, 2210)).Message);
        }
    }

    /// <summary>The service of the health checks, which would log the failure, does not run these checks.</summary>
    [Fact]
    public async Task Start_check_that_cannot_be_made_says_which_service_it_lacks()
    {
        await using var app = new LifecycleHarness(
            services => services.AddHealthChecks().AddCheck<Lacking>("lacks", HealthStatus.Unhealthy, ["ready"]));
        await app.StartAsync();
        await app.Time.ReachWaitAsync(Second);

        var message = Assert.Single(Logged(app, 2210)).Message;
        Assert.StartsWith(
            "Not published yet: not ready because of lacks (InvalidOperationException: Unable to resolve service for type "
            + $"'{typeof(IFormatProvider)}'", message, StringComparison.Ordinal);
        Assert.EndsWith("').", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("refused by db-1", null, "refused by db-1")]
    [InlineData("refused by db-1", "no connection", "refused by db-1")]
    [InlineData(null, "no connection", "TimeoutException: no connection")]
    [InlineData(" ", "no connection", "TimeoutException: no connection")]
    [InlineData("two.\r\nlines", null, "two")]
    [InlineData("\n  first\tof\u202Ethem\n", null, "first?of?them")]
    public async Task Start_says_why_a_check_is_unhealthy(string? description, string? exception, string expected)
    {
        await using var app = new LifecycleHarness(services => services.AddHealthChecks().AddCheck(
            "db",
            () => HealthCheckResult.Unhealthy(description, exception is null ? null : new TimeoutException(exception)),
            tags: ["ready"]));
        await app.StartAsync();
        await app.Time.ReachWaitAsync(Second);

        Assert.Equal($"Not published yet: not ready because of db ({expected}).", Assert.Single(Logged(app, 2210)).Message);
    }

    [Fact]
    public async Task Start_cuts_a_long_reason()
    {
        await using var app = new LifecycleHarness(services => services.AddHealthChecks().AddCheck(
            "db", () => HealthCheckResult.Unhealthy(new string('x', 1000)), tags: ["ready"]));
        await app.StartAsync();
        await app.Time.ReachWaitAsync(Second);

        Assert.Equal(
            $"Not published yet: not ready because of db ({new string('x', 200)}…).", Assert.Single(Logged(app, 2210)).Message);
    }

    /// <summary>A text with a figure in it would otherwise be a line each second.</summary>
    [Fact]
    public async Task Start_reason_that_only_changes_its_words_is_one_line_and_one_of_another_kind_is_another()
    {
        var (round, throws) = (0, false);
        await using var app = new LifecycleHarness(services => services.AddHealthChecks().AddCheck(
            "db",
            () => Volatile.Read(ref throws)
                ? throw new TimeoutException($"after {round++} ms")
                : HealthCheckResult.Unhealthy($"took {round++} ms"),
            tags: ["ready"]));
        await app.StartAsync();
        for (var i = 0; i < 5; i++)
        {
            await app.Time.PassWaitAsync(Second);
        }

        await app.Time.ReachWaitAsync(Second);
        Assert.Equal("Not published yet: not ready because of db (took 0 ms).", Assert.Single(Logged(app, 2210)).Message);

        Volatile.Write(ref throws, true);
        app.Time.Advance(Second);
        for (var i = 0; i < 4; i++)
        {
            await app.Time.PassWaitAsync(Second);
        }

        await app.Time.ReachWaitAsync(Second);
        Assert.Equal(
            "Not published yet: not ready because of db (TimeoutException: after 6 ms).",
            Assert.Single(Logged(app, 2210).Skip(1)).Message);
    }

    [Fact]
    public async Task Leave_happens_in_full_although_each_line_of_log_throws()
    {
        using var logger = new ThrowingLogger("Mesh.Client.Lifecycle");
        var db = HealthStatus.Unhealthy;
        await using var app = new LifecycleHarness(services =>
        {
            services.AddLogging(logging => logging.AddProvider(logger));
            services.AddHealthChecks().AddCheck("db", () => new HealthCheckResult(db), tags: ["ready"]);
        });
        await app.StartAsync();
        await app.Time.ReachWaitAsync(Second);
        db = HealthStatus.Healthy;
        app.Time.Advance(Second);
        while (await app.Wire.NextAsync() is not { Status: "UP" })
        {
        }

        var stopping = app.Lifecycle.StoppingAsync(Token);
        await app.Time.ReachWaitAsync(DrainDelay);
        Assert.True(app.Drain.IsDraining);
        app.Time.Advance(DrainDelay);
        await Patience.For(stopping, "the end of the drain delay");

        // Not ready, registered under an address of this machine only, draining.
        Assert.Equal(3, logger.Thrown);
        Assert.Contains(app.Wire.Rest(), request => request.Status == "DOWN");
    }

    private static async Task AssertLeavesAtOnceAsync(LifecycleHarness app)
    {
        // Nobody moves the clock: a delay would never end.
        await Patience.For(app.Lifecycle.StoppingAsync(Token), "leaving without delay");
        Assert.Empty(Logged(app, 2203));
        Assert.True(app.Drain.IsDraining);
    }

    private static IEnumerable<Microsoft.Extensions.Logging.Testing.FakeLogRecord> Logged(LifecycleHarness app, int id) =>
        app.Services.GetFakeLogCollector().GetSnapshot().Where(record => record.Id.Id == id);

    private static Task<HealthReport> ReadAsync(LifecycleHarness app) =>
        app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Tags.Contains("ready"), Token);

    private sealed class Hanging : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            new TaskCompletionSource<HealthCheckResult>().Task.WaitAsync(cancellationToken);
    }

    private sealed class Lacking(IFormatProvider missing) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(HealthCheckResult.Healthy(missing.ToString()));
    }

    private sealed class Throwing : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            throw new InvalidOperationException("fails");
    }
}
