using System.Net;
using Mesh.Client.DependencyInjection;
using Mesh.Client.Eureka;
using Mesh.Client.Lifecycle;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Tests.Eureka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Tests.Lifecycle;

public class MeshLifecycleTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DrainDelay = TimeSpan.FromSeconds(5);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Started_registers_starting_and_becomes_up_only_when_the_application_has_started()
    {
        await using var app = new LifecycleHarness();
        await app.Lifecycle.StartingAsync(Token);
        Assert.Empty(app.Wire.Rest());

        await app.Lifecycle.StartedAsync(Token);
        var starting = await app.Wire.NextAsync();
        await app.Time.PassWaitAsync(LifecycleHarness.Heartbeat);
        Assert.Equal("PUT", (await app.Wire.NextAsync()).Method);
        app.Host.NotifyStarted();
        var up = await app.Wire.NextAsync();

        Assert.Equal("POST /eureka/apps/ORDERS-API", starting.Line);
        Assert.Equal("STARTING", starting.Status);
        Assert.Equal(LifecycleHarness.Instance, (string?)starting.Instance["instanceId"]);
        Assert.Equal("orders-api", (string?)starting.Instance["vipAddress"]);
        Assert.Equal("UP", up.Status);
    }

    [Fact]
    public async Task Started_ready_checks_hold_UP_back_until_they_pass()
    {
        var db = HealthStatus.Unhealthy;
        await using var app = new LifecycleHarness(services => services.AddHealthChecks()
            .AddCheck("db", () => new HealthCheckResult(db), tags: ["ready"])
            .AddCheck("other", () => HealthCheckResult.Unhealthy(), tags: ["live"]));
        await app.StartAsync();
        Assert.Equal("STARTING", (await app.Wire.NextAsync()).Status);

        await app.Time.PassWaitAsync(Second);
        await app.Time.PassWaitAsync(Second);
        await app.Time.ReachWaitAsync(Second);
        Assert.Empty(app.Wire.Rest());

        // Degraded still serves.
        db = HealthStatus.Degraded;
        app.Time.Advance(Second);
        Assert.Equal("UP", (await app.Wire.NextAsync()).Status);

        var logged = Assert.Single(app.Services.GetFakeLogCollector().GetSnapshot(), record => record.Id.Id == 2210);
        Assert.Contains("db", logged.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Started_ready_check_that_hangs_holds_UP_back_and_says_so_and_does_not_keep_the_application_from_stopping()
    {
        var asked = new TaskCompletionSource();
        await using var app = new LifecycleHarness(services => services.AddHealthChecks().AddAsyncCheck(
            "hangs",
            () =>
            {
                asked.TrySetResult();
                return new TaskCompletionSource<HealthCheckResult>().Task;
            },
            tags: ["ready"]));
        await app.StartAsync();
        Assert.Equal("STARTING", (await app.Wire.NextAsync()).Status);

        // A check whose time is over before it is asked does not hang: it is asked again.
        await Patience.For(asked.Task, "the check");
        await app.Time.PassWaitAsync(TimeSpan.FromSeconds(10));
        await app.Time.PassWaitAsync(Second);
        await app.Time.ReachWaitAsync(Second);
        Assert.Empty(app.Wire.Rest());
        var logged = Assert.Single(app.Services.GetFakeLogCollector().GetSnapshot(), record => record.Id.Id == 2210);
        Assert.Contains("hangs", logged.Message, StringComparison.Ordinal);

        await Patience.For(app.Lifecycle.StoppingAsync(Token), "leaving without delay");
    }

    [Fact]
    public async Task Stop_in_the_middle_of_a_ready_check_that_hangs_does_not_hang()
    {
        var asked = new TaskCompletionSource();
        await using var app = new LifecycleHarness(services => services.AddHealthChecks().AddAsyncCheck(
            "hangs",
            () =>
            {
                asked.TrySetResult();
                return new TaskCompletionSource<HealthCheckResult>().Task;
            },
            tags: ["ready"]));
        await app.StartAsync();
        await Patience.For(asked.Task, "the check");

        await Patience.For(app.Lifecycle.StoppingAsync(Token), "leaving without delay");
        await app.Lifecycle.StoppedAsync(Token);

        Assert.Equal(
            ["STARTING", "DOWN", "DELETE"], app.Wire.Rest().Select(request => request.Body is null ? request.Method : request.Status));
    }

    /// <summary>A registry that is told to forget an instance, and then takes its registration, lists it for the time of a lease.</summary>
    [Theory]
    [InlineData("STARTING")]
    [InlineData("UP")]
    public async Task Stop_while_a_registration_is_under_way_waits_for_it(string status)
    {
        var answer = new TaskCompletionSource<HttpResponseMessage>();
        var asked = new TaskCompletionSource<CancellationToken>();
        await using var app = new LifecycleHarness(settings: ("Mesh:Lifecycle:DrainDelay", "00:00:00"));
        app.Wire.AnswerAsync = (request, token) =>
        {
            if (request is { Body: null } || request.Status != status)
            {
                return Task.FromResult(ScriptedRegistry.Status(HttpStatusCode.OK));
            }

            asked.TrySetResult(token);
            return answer.Task.WaitAsync(token);
        };
        await app.StartAsync();
        var sent = await Patience.For(asked.Task, "the registration");
        app.Wire.Rest();

        var stopping = app.Lifecycle.StoppingAsync(Token);
        await app.Time.ReachWaitAsync(EurekaRegistration.DeregistrationBudget);
        Assert.False(sent.IsCancellationRequested);
        Assert.Empty(app.Wire.Rest());
        answer.SetResult(ScriptedRegistry.Status(HttpStatusCode.OK));
        await Patience.For(stopping, "leaving");
        await app.Lifecycle.StoppedAsync(Token);

        Assert.Equal(["DOWN", "DELETE"], app.Wire.Rest().Select(request => request.Body is null ? request.Method : request.Status));
    }

    [Fact]
    public async Task Stop_while_a_registration_hangs_waits_for_the_budget_of_the_farewell_only()
    {
        var asked = new TaskCompletionSource<CancellationToken>();
        await using var app = new LifecycleHarness(settings: ("Mesh:Lifecycle:DrainDelay", "00:00:00"));
        app.Wire.AnswerAsync = (request, token) =>
        {
            if (request is { Body: null } || request.Status != "UP")
            {
                return Task.FromResult(ScriptedRegistry.Status(HttpStatusCode.OK));
            }

            asked.TrySetResult(token);
            return new TaskCompletionSource<HttpResponseMessage>().Task.WaitAsync(token);
        };
        await app.StartAsync();
        var sent = await Patience.For(asked.Task, "the registration");

        var stopping = app.Lifecycle.StoppingAsync(Token);
        await app.Time.PassWaitAsync(EurekaRegistration.DeregistrationBudget);
        await Patience.For(stopping, "leaving");
        await app.Lifecycle.StoppedAsync(Token);

        Assert.True(sent.IsCancellationRequested);
        Assert.Equal(
            ["STARTING", "UP", "DOWN", "DELETE"],
            app.Wire.Rest().Select(request => request.Body is null ? request.Method : request.Status));
    }

    /// <summary>It cannot bring anything back: it is given up at once, as before.</summary>
    [Fact]
    public async Task Stop_while_a_heartbeat_hangs_does_not_wait_for_it()
    {
        var asked = new TaskCompletionSource();
        await using var app = new LifecycleHarness(settings: ("Mesh:Lifecycle:DrainDelay", "00:00:00"));
        await app.StartUpAsync();
        app.Wire.AnswerAsync = (request, token) =>
        {
            if (request.Method != "PUT")
            {
                return Task.FromResult(ScriptedRegistry.Status(HttpStatusCode.OK));
            }

            asked.TrySetResult();
            return new TaskCompletionSource<HttpResponseMessage>().Task.WaitAsync(token);
        };
        app.Time.Advance(LifecycleHarness.Heartbeat);
        await Patience.For(asked.Task, "the heartbeat");

        await Patience.For(app.Lifecycle.StoppingAsync(Token), "leaving");
    }

    /// <summary>Whichever comes first, the end of the loop or of the time.</summary>
    [Fact]
    public async Task Stop_of_a_host_that_has_no_time_left_does_not_fail()
    {
        for (var i = 0; i < 20; i++)
        {
            await using var app = new LifecycleHarness(settings: ("Mesh:Lifecycle:DrainDelay", "00:00:00"));
            await app.StartUpAsync();

            await Patience.For(app.Lifecycle.StoppingAsync(new CancellationToken(canceled: true)), "leaving");
        }
    }

    /// <summary>Two services that wait for each other would never start.</summary>
    [Fact]
    public async Task Started_checks_that_call_a_service_of_the_mesh_or_are_tagged_mesh_do_not_hold_UP_back()
    {
        HttpClient? client = null;
        var network = new ScriptedNetwork();
        network.On("10.0.0.1:8080", HttpStatusCode.InternalServerError);
        await using var app = new LifecycleHarness(
            services =>
            {
                services.AddSingleton<ITransportFactory>(network);
                services.AddHttpClient("payments");
                services.AddHealthChecks()
                    .AddCheck("told", () => HealthCheckResult.Unhealthy(), tags: ["ready", "mesh"])
                    .AddAsyncCheck("seen", async () => (await client!.GetAsync(new Uri("mesh://payments/health"),
                        Token)).IsSuccessStatusCode
                        ? HealthCheckResult.Healthy()
                        : HealthCheckResult.Unhealthy(), tags: ["ready"]);
            },
            settings: [("Mesh:Services:payments:Endpoints:0", "http://10.0.0.1:8080"), ("Mesh:Defaults:Retry:MaxRetries", "0")]);
        client = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("payments");

        await app.StartUpAsync();

        Assert.Contains(
            "seen calls service payments",
            Assert.Single(app.Services.GetFakeLogCollector().GetSnapshot(), record => record.Id.Id == 2130).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Started_ports_that_are_all_switched_off_is_not_registered_and_says_so()
    {
        await using var app = new LifecycleHarness(settings: ("Mesh:Discovery:Eureka:PortEnabled", "false"));

        await app.StartAsync();

        Assert.Empty(app.Wire.Rest());
        Assert.Single(app.Services.GetFakeLogCollector().GetSnapshot(), record => record.Id.Id == 2202);
    }

    [Fact]
    public async Task Stop_farewell_that_fails_in_an_unforeseen_way_still_drains_and_deletes()
    {
        await using var app = new LifecycleHarness();
        await app.StartUpAsync();
        app.Wire.Answer = _ => throw new InvalidOperationException("unforeseen");

        var stopping = app.Lifecycle.StoppingAsync(Token);
        await app.Time.PassWaitAsync(DrainDelay);
        await Patience.For(stopping, "the end of the drain delay");
        await app.Lifecycle.StoppedAsync(Token);

        Assert.True(app.Drain.IsDraining);
        Assert.Equal(["POST", "DELETE"], app.Wire.Rest().Select(request => request.Method));
    }

    [Fact]
    public async Task Started_listening_does_not_ask_the_checks()
    {
        await using var app = new LifecycleHarness(
            services => services.AddHealthChecks().AddCheck("db", () => HealthCheckResult.Unhealthy(), tags: ["ready"]),
            settings: ("Mesh:Lifecycle:RegisterWhen", "Listening"));

        await app.StartUpAsync();
    }

    [Theory]
    [InlineData("Mesh:Lifecycle:RegisterWhen", "Never")]
    [InlineData("Mesh:Discovery:Eureka:Register", "false")]
    public async Task Started_not_to_register_asks_nobody_and_leaves_without_delay(string key, string value)
    {
        await using var app = new LifecycleHarness(settings: (key, value));

        await app.StartAsync();
        await Patience.For(app.Lifecycle.StoppingAsync(Token), "leaving without delay");
        await app.Lifecycle.StoppedAsync(Token);

        Assert.True(app.Drain.IsDraining);
        Assert.Empty(app.Wire.Rest());
    }

    [Fact]
    public async Task Stop_not_registered_but_called_by_the_mesh_serves_on_while_callers_learn()
    {
        await using var app = new LifecycleHarness(settings: ("Mesh:Lifecycle:RegisterWhen", "Never"));
        await app.StartAsync();
        app.Drain.NoteCaller();

        var stopping = app.Lifecycle.StoppingAsync(Token);
        await app.Time.ReachWaitAsync(DrainDelay);
        Assert.True(app.Drain.IsDraining);
        Assert.False(stopping.IsCompleted);
        app.Time.Advance(DrainDelay);

        await Patience.For(stopping, "the end of the drain delay");
        Assert.Empty(app.Wire.Rest());
    }

    [Fact]
    public async Task Started_worker_only_calls()
    {
        await using var app = new LifecycleHarness(worker: true);

        await app.StartAsync();
        await Patience.For(app.Lifecycle.StoppingAsync(Token), "leaving without delay");
        await app.Lifecycle.StoppedAsync(Token);

        Assert.Empty(app.Wire.Rest());
    }

    [Theory]
    [InlineData("http://localhost:5000", null, "http://registry:8761/eureka/", true)]
    [InlineData("http://app.dev.localhost:5000", null, "http://registry:8761/eureka/", true)]
    [InlineData("http://localhost:5000", null, "http://localhost:8761/eureka/", false)]
    [InlineData("http://localhost:5000", "orders-1", "http://registry:8761/eureka/", false)]
    [InlineData("http://10.1.2.3:5000", null, "http://registry:8761/eureka/", false)]
    [InlineData("http://10.1.2.3:5000", "localhost", "http://registry:8761/eureka/", true)]
    [InlineData("http://10.1.2.3:5000", "[::1]", "http://registry:8761/eureka/", true)]
    [InlineData("http://10.1.2.3:5000", "localhost", "http://localhost:8761/eureka/", false)]
    public async Task Started_registering_this_machine_only_at_a_registry_elsewhere_is_warned_of(
        string listening, string? host, string registry, bool warned)
    {
        await using var app = new LifecycleHarness(
            server: new StubServer(listening),
            settings: [("Mesh:Discovery:Eureka:ServiceUrls:0", registry), ("Mesh:Discovery:Eureka:HostName", host)]);
        await app.StartAsync();

        Assert.Equal(
            warned, app.Services.GetFakeLogCollector().GetSnapshot().Any(record => record.Id is { Id: 2209, Name: "RegisteringLoopback" }));
    }

    /// <summary>What to change is where the host comes from.</summary>
    [Theory]
    [InlineData("http://localhost:5000", null, null, false, "or set Mesh:Discovery:Eureka:HostName.")]
    [InlineData("http://localhost:5000", null, null, true, "or set Mesh:Discovery:Eureka:IPAddress.")]
    [InlineData("http://10.1.2.3:5000", "Mesh:Discovery:Eureka:HostName", "localhost", false, "Set Mesh:Discovery:Eureka:HostName to ")]
    [InlineData("http://10.1.2.3:5000", "Mesh:Discovery:Eureka:IPAddress", "127.0.0.1", true, "Set Mesh:Discovery:Eureka:IPAddress to ")]
    [InlineData("http://10.1.2.3:5000", "Eureka:Instance:HostName", "localhost", false, "Set Eureka:Instance:HostName to ")]
    [InlineData("http://10.1.2.3:5000", "Eureka:Instance:IPAddress", "localhost", true, "Set Eureka:Instance:IPAddress to ")]
    public async Task Started_registering_this_machine_only_is_warned_of_with_the_setting(
        string listening, string? key, string? value, bool byAddress, string advice)
    {
        await using var app = new LifecycleHarness(
            server: new StubServer(listening),
            settings:
            [
                ("Eureka:Client:ServiceUrl", "http://registry:8761/eureka/"),
                ("Eureka:Instance:PreferIPAddress", byAddress ? "true" : "false"),
                (key ?? "Other", value),
            ]);
        await app.StartAsync();

        var warning = Assert.Single(app.Services.GetFakeLogCollector().GetSnapshot(), static record => record.Id.Id == 2209);
        Assert.Contains(advice, warning.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Mesh:Discovery:Eureka:HostName", "0.0.0.0", "http://registry:8761/eureka/", "Registering 0.0.0.0,")]
    [InlineData("Mesh:Discovery:Eureka:HostName", "0.0.0.0", "http://localhost:8761/eureka/", "Registering 0.0.0.0,")]
    [InlineData("Mesh:Discovery:Eureka:HostName", "::", "http://registry:8761/eureka/", "Registering [::],")]
    [InlineData("Mesh:Discovery:Eureka:HostName", "[::]", "http://registry:8761/eureka/", "Registering [::],")]
    [InlineData("Mesh:Discovery:Eureka:HostName", "::ffff:0.0.0.0", "http://registry:8761/eureka/", "Registering [::ffff:0:0],")]
    [InlineData("Mesh:Discovery:Eureka:IPAddress", "0.0.0.0", "http://registry:8761/eureka/", "Registering 0.0.0.0,")]
    [InlineData("Eureka:Instance:HostName", "0.0.0.0", "http://registry:8761/eureka/", "Registering 0.0.0.0,")]
    [InlineData("Mesh:Discovery:Eureka:HostName", "10.0.0.0", "http://registry:8761/eureka/", null)]
    [InlineData("Mesh:Discovery:Eureka:HostName", null, "http://registry:8761/eureka/", null)]
    public async Task Started_registering_all_addresses_is_warned_of(string key, string? value, string registry, string? message)
    {
        await using var app = new LifecycleHarness(
            server: new StubServer("http://0.0.0.0:5000"), settings: [("Mesh:Discovery:Eureka:ServiceUrls:0", registry), (key, value)]);
        await app.StartAsync();

        var warnings = app.Services.GetFakeLogCollector().GetSnapshot().Where(static record => record.Id.Id == 2207).ToArray();
        if (message is null)
        {
            Assert.Empty(warnings);
            return;
        }

        var warning = Assert.Single(warnings);
        Assert.Equal("RegisteringAnyAddress", warning.Id.Name);
        Assert.StartsWith(message, warning.Message, StringComparison.Ordinal);
        Assert.Contains($"Set {key} to ", warning.Message, StringComparison.Ordinal);
    }

    /// <summary>The host name of the registration is the address then.</summary>
    [Theory]
    [InlineData("10.0.0.7", null)]
    [InlineData("0.0.0.0", "Set Mesh:Discovery:Eureka:IPAddress to ")]
    public async Task Started_registering_by_an_address_only_that_is_warned_of(string address, string? message)
    {
        await using var app = new LifecycleHarness(
            server: new StubServer("http://0.0.0.0:5000"),
            settings:
            [
                ("Mesh:Discovery:Eureka:ServiceUrls:0", "http://registry:8761/eureka/"),
                ("Mesh:Discovery:Eureka:PreferIPAddress", "true"),
                ("Mesh:Discovery:Eureka:IPAddress", address),
                ("Mesh:Discovery:Eureka:HostName", "0.0.0.0"),
            ]);
        await app.StartAsync();

        var warnings = app.Services.GetFakeLogCollector().GetSnapshot().Where(static record => record.Id.Id == 2207).ToArray();
        Assert.Equal(message is null ? 0 : 1, warnings.Length);
        Assert.All(warnings, warning => Assert.Contains(message!, warning.Message, StringComparison.Ordinal));
    }

    /// <summary>The endpoints of Kestrel's configuration come in the order of their names: Management before Web.</summary>
    [Theory]
    [InlineData(
        "http://*:9104;http://*:9103",
        null,
        "This application listens on ports 9103 and 9104; 9104 is registered, because it comes first in the configuration. "
            + "Set Mesh:Discovery:Eureka:Port to choose.")]
    [InlineData(
        "http://*:9104;https://*:9443;https://*:9445;https://*:9444",
        null,
        "This application listens on TLS ports 9443, 9444 and 9445; 9443 is registered, because it comes first in the configuration. "
            + "Set Mesh:Discovery:Eureka:SecurePort to choose.")]
    [InlineData(
        "https://*:9444;https://*:9443",
        null,
        "This application listens on TLS ports 9443 and 9444; 9444 is registered, because it comes first in the configuration. "
            + "Set Mesh:Discovery:Eureka:SecurePort to choose.")]
    [InlineData("http://*:9104;http://*:9103", "Port=9103", null)]
    [InlineData("http://*:9104;http://*:9103;https://*:9443", "PortEnabled=false", null)]
    [InlineData("https://*:9444;https://*:9443", "SecurePort=443", null)]
    [InlineData("https://*:9444;https://*:9443", "Port=443", null)]
    [InlineData("http://*:9104;https://*:9444;https://*:9443", "SecurePort=443", null)]
    [InlineData("http://*:9104;https://*:9444;https://*:9443", "SecurePortEnabled=false", null)]
    [InlineData("http://0.0.0.0:9103;http://[::]:9103", null, null)]
    [InlineData("http://*:9103;http://localhost:9104", null, null)]
    [InlineData("http://*:9103;https://*:9104", null, null)]
    public async Task Started_one_of_several_ports_is_registered_with_a_warning_unless_it_is_configured(
        string listening, string? setting, string? warning)
    {
        (string, string?)[] settings = setting?.Split('=') is [var key, var value] ? [("Mesh:Discovery:Eureka:" + key, value)] : [];
        await using var app = new LifecycleHarness(server: new StubServer(listening.Split(';')), settings: settings);
        await app.StartAsync();

        var records = app.Services.GetFakeLogCollector().GetSnapshot().Where(record => record.Id is { Id: 2133, Name: "PortGuessed" });
        Assert.Equal(warning is null ? [] : [(LogLevel.Warning, warning)], records.Select(record => (record.Level, record.Message)));
    }

    [Fact]
    public async Task Started_server_without_a_TCP_address_is_not_registered_and_says_so()
    {
        await using var app = new LifecycleHarness(server: new StubServer("http://unix:/tmp/orders.sock"));

        await app.StartAsync();

        Assert.Empty(app.Wire.Rest());
        Assert.Equal(
            "NothingToRegister", Assert.Single(app.Services.GetFakeLogCollector().GetSnapshot(), record => record.Id.Id == 2202).Id.Name);
    }

    [Fact]
    public async Task Started_identity_and_labels_are_registered()
    {
        await using var app = new LifecycleHarness(settings:
        [
            ("Mesh:Service:Name", "Orders"),
            ("Mesh:Service:Version", "2.1.0"),
            ("Mesh:Service:Zone", "eu-1a"),
            ("Mesh:Service:Labels:tenant", "acme"),
            ("Mesh:Service:Labels:lane", "blue"),
            ("Mesh:Discovery:Eureka:Metadata:lane", "green"),
            ("Mesh:Discovery:Eureka:InstanceId", "orders-7"),
        ]);

        await app.StartAsync();
        var instance = (await app.Wire.NextAsync()).Instance;

        Assert.Equal("ORDERS", (string?)instance["app"]);
        Assert.Equal("orders-7", (string?)instance["instanceId"]);
        Assert.Equal(
            ["lane=green", "tenant=acme", "version=2.1.0", "zone=eu-1a"],
            instance["metadata"]!.AsObject().Select(entry => $"{entry.Key}={entry.Value}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Stop_is_DOWN_then_draining_then_the_delay_then_DELETE()
    {
        await using var app = new LifecycleHarness();
        await app.StartUpAsync();
        var drainingAtDown = true;
        app.Wire.Answer = _ =>
        {
            drainingAtDown = app.Drain.IsDraining;
            return ScriptedRegistry.Status(HttpStatusCode.NoContent);
        };

        var stopping = app.Lifecycle.StoppingAsync(Token);
        await app.Time.ReachWaitAsync(DrainDelay);
        Assert.Equal("DOWN", Assert.Single(app.Wire.Rest()).Status);
        Assert.False(drainingAtDown);
        Assert.True(app.Drain.IsDraining);

        // Nothing ends the delay early, and no heartbeat goes out meanwhile.
        app.Time.Advance(DrainDelay - TimeSpan.FromTicks(1));
        Assert.False(stopping.IsCompleted);
        app.Time.Advance(TimeSpan.FromTicks(1));
        await Patience.For(stopping, "the end of the drain delay");
        await app.Lifecycle.StopAsync(Token);
        Assert.Empty(app.Wire.Rest());

        await app.Lifecycle.StoppedAsync(Token);
        Assert.Equal("DELETE /eureka/apps/ORDERS-API/" + LifecycleHarness.Instance, Assert.Single(app.Wire.Rest()).Line);
    }

    [Fact]
    public async Task Stop_late_unknown_heartbeat_does_not_register_again()
    {
        await using var app = new LifecycleHarness();
        await app.StartUpAsync();
        var heartbeat = new TaskCompletionSource<HttpResponseMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        app.Wire.AnswerAsync = (request, _) =>
            request.Method == "PUT" ? heartbeat.Task : Task.FromResult(ScriptedRegistry.Status(HttpStatusCode.NoContent));
        app.Time.Advance(LifecycleHarness.Heartbeat);
        Assert.Equal("PUT", (await app.Wire.NextAsync()).Method);

        // It ignores its cancellation, as a request that is already answered does.
        var stopping = app.Lifecycle.StoppingAsync(Token);
        Assert.Empty(app.Wire.Rest());
        heartbeat.SetResult(ScriptedRegistry.Status(HttpStatusCode.NotFound));
        await app.Time.PassWaitAsync(DrainDelay);
        await Patience.For(stopping, "the end of the drain delay");

        Assert.Equal("DOWN", Assert.Single(app.Wire.Rest()).Status);
    }

    [Fact]
    public async Task Stop_host_out_of_patience_ends_the_delay_and_still_deletes()
    {
        await using var app = new LifecycleHarness();
        await app.StartUpAsync();
        using var patience = new CancellationTokenSource();

        var stopping = app.Lifecycle.StoppingAsync(patience.Token);
        await app.Time.ReachWaitAsync(DrainDelay);
        await patience.CancelAsync();
        await Patience.For(stopping, "the end of the drain delay");
        await app.Lifecycle.StoppedAsync(patience.Token);

        Assert.Equal(["POST", "DELETE"], app.Wire.Rest().Select(request => request.Method));
    }

    [Fact]
    public async Task Stop_no_delay_configured_does_not_wait()
    {
        await using var app = new LifecycleHarness(settings: ("Mesh:Lifecycle:DrainDelay", "00:00:00"));
        await app.StartUpAsync();

        await Patience.For(app.Lifecycle.StoppingAsync(Token), "leaving without delay");

        Assert.Equal("DOWN", Assert.Single(app.Wire.Rest()).Status);
    }

    [Fact]
    public async Task Stop_registry_gone_still_drains()
    {
        await using var app = new LifecycleHarness();
        await app.StartUpAsync();
        app.Wire.Answer = _ => throw new HttpRequestException("refused");

        var stopping = app.Lifecycle.StoppingAsync(Token);
        await app.Time.ReachWaitAsync(DrainDelay);
        Assert.True(app.Drain.IsDraining);
        app.Time.Advance(DrainDelay);

        await Patience.For(stopping, "the end of the drain delay");
        await Patience.For(app.Lifecycle.StoppedAsync(Token), "the end");
    }

    [Fact]
    public async Task Stop_before_ready_leaves_without_delay_and_never_was_up()
    {
        await using var app = new LifecycleHarness(
            services => services.AddHealthChecks().AddCheck("db", () => HealthCheckResult.Unhealthy(), tags: ["ready"]));
        await app.StartAsync();
        await app.Time.ReachWaitAsync(Second);

        await Patience.For(app.Lifecycle.StoppingAsync(Token), "leaving without delay");
        await app.Lifecycle.StoppedAsync(Token);

        Assert.Equal(
            ["STARTING", "DOWN", "DELETE"], app.Wire.Rest().Select(request => request.Body is null ? request.Method : request.Status));
    }

    [Fact]
    public async Task Stop_while_starting_does_nothing_and_does_not_hang()
    {
        await using var app = new LifecycleHarness();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await app.Lifecycle.StartingAsync(cancelled.Token);
        await app.Lifecycle.StartedAsync(cancelled.Token);
        await Patience.For(app.Lifecycle.StoppingAsync(Token), "leaving without delay");
        await app.Lifecycle.StoppedAsync(Token);

        Assert.Empty(app.Wire.Rest());
    }

    [Fact]
    public async Task Stop_asked_for_during_the_start_ends_the_wait_and_registers_nothing()
    {
        await using var app = new LifecycleHarness(
            settings: [("Mesh:Discovery:Eureka:Fetch", "true"), ("Mesh:Discovery:StartupWait", "01:00:00")]);
        app.Wire.AnswerAsync = async (_, cancellation) =>
        {
            await new TaskCompletionSource().Task.WaitAsync(cancellation);
            throw new InvalidOperationException("Unreachable.");
        };
        var starting = app.Lifecycle.StartingAsync(Token);
        await app.Time.ReachWaitAsync(TimeSpan.FromHours(1));
        Assert.False(starting.IsCompleted);

        app.Services.GetRequiredService<PendingStop>().Request();
        await Patience.For(starting, "the end of the wait");
        await app.Lifecycle.StartedAsync(Token);
        app.Host.NotifyStarted();
        await Patience.For(app.Lifecycle.StoppingAsync(Token), "leaving without delay");
        await app.Lifecycle.StoppedAsync(Token);

        Assert.All(app.Wire.Rest(), request => Assert.Equal("GET", request.Method));
        Assert.DoesNotContain(app.Services.GetFakeLogCollector().GetSnapshot(), record => record.Id.Id is 2200 or 2201);
    }

    [Fact]
    public async Task Stop_asked_for_after_it_is_registered_does_not_become_UP()
    {
        await using var app = new LifecycleHarness();
        await app.Lifecycle.StartingAsync(Token);
        await app.Lifecycle.StartedAsync(Token);
        Assert.Equal("STARTING", (await app.Wire.NextAsync()).Status);

        app.Services.GetRequiredService<PendingStop>().Request();
        app.Host.NotifyStarted();
        await Patience.For(app.Lifecycle.StoppingAsync(Token), "leaving without delay");
        await app.Lifecycle.StoppedAsync(Token);

        Assert.Equal(["DOWN", "DELETE"], app.Wire.Rest().Select(request => request.Body is null ? request.Method : request.Status));
    }

    [Fact]
    public async Task Dispose_without_a_stop_deletes_the_registration()
    {
        var app = new LifecycleHarness();
        await app.Lifecycle.StartingAsync(Token);
        await app.Lifecycle.StartedAsync(Token);
        Assert.Equal("STARTING", (await app.Wire.NextAsync()).Status);

        await app.DisposeAsync();

        Assert.Equal(["DELETE"], app.Wire.Rest().Select(request => request.Method));
    }

    [Fact]
    public async Task Callers_are_sent_elsewhere_from_before_the_server_listens_until_it_is_ready()
    {
        var db = HealthStatus.Unhealthy;
        await using var app = new LifecycleHarness(
            services => services.AddHealthChecks().AddCheck("db", () => new HealthCheckResult(db), tags: ["ready"]));
        await app.Lifecycle.StartingAsync(Token);
        Assert.True(app.Drain.IsWarmingUp);

        await app.Lifecycle.StartedAsync(Token);
        app.Host.NotifyStarted();
        await app.Time.ReachWaitAsync(Second);
        Assert.True(app.Drain.IsWarmingUp);

        db = HealthStatus.Healthy;
        app.Time.Advance(Second);
        while (await app.Wire.NextAsync() is not { Body: not null, Status: "UP" })
        {
        }

        Assert.False(app.Drain.IsWarmingUp);
    }

    [Theory]
    [InlineData("Mesh:Lifecycle:RegisterWhen", "Never")]
    [InlineData("Mesh:Lifecycle:RegisterWhen", "Listening")]
    [InlineData("Mesh:Discovery:Eureka:Register", "false")]
    public async Task Callers_are_welcome_at_once_where_nothing_is_waited_for(string key, string value)
    {
        await using var app = new LifecycleHarness(settings: (key, value));
        await app.Lifecycle.StartingAsync(Token);
        Assert.False(app.Drain.IsWarmingUp);
    }

    [Fact]
    public async Task Everything_is_resolved_and_started_while_the_registry_hangs_and_only_the_configured_wait_passes()
    {
        await using var app = new LifecycleHarness(
            settings: [("Mesh:Discovery:Eureka:Fetch", "true"), ("Mesh:Discovery:StartupWait", "00:00:03")]);
        app.Wire.AnswerAsync = async (_, cancellation) =>
        {
            await new TaskCompletionSource().Task.WaitAsync(cancellation);
            throw new InvalidOperationException("Unreachable.");
        };

        // The clock stands still: whatever waited in a constructor would wait for ever.
        foreach (var service in app.All.Where(service => !service.ServiceType.ContainsGenericParameters
            && service.Lifetime == ServiceLifetime.Singleton))
        {
            _ = app.Services.GetServices(service.ServiceType).Count();
        }

        Assert.Empty(app.Wire.Rest());
        var starting = app.Lifecycle.StartingAsync(Token);
        await app.Time.ReachWaitAsync(TimeSpan.FromSeconds(3));
        app.Time.Advance(TimeSpan.FromSeconds(3) - TimeSpan.FromTicks(1));
        Assert.False(starting.IsCompleted);
        app.Time.Advance(TimeSpan.FromTicks(1));
        await Patience.For(starting, "the start");
        await app.Lifecycle.StartAsync(Token);
        await app.Lifecycle.StartedAsync(Token);
        app.Host.NotifyStarted();

        Assert.Single(app.Services.GetFakeLogCollector().GetSnapshot(), record => record.Id.Id == 2200);
        await Patience.For(app.Lifecycle.StoppingAsync(new CancellationToken(canceled: true)), "leaving with a host that has no time left");
        app.Wire.Answer = _ => ScriptedRegistry.Status(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(30, null)]
    [InlineData(60, null)]
    [InlineData(10, "ShutdownTimeoutRaised")]
    public async Task ShutdownTimeout_that_the_application_has_set_too_short_is_reported(double seconds, string? reported)
    {
        await using var app = new LifecycleHarness(
            services => services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(seconds)));
        await app.Lifecycle.StartingAsync(Token);

        Assert.Equal(
            reported, app.Services.GetFakeLogCollector().GetSnapshot().SingleOrDefault(record => record.Id.Id is 2205 or 2206)?.Id.Name);
    }

    [Fact]
    public async Task ShutdownTimeout_that_is_set_after_ours_stays_and_is_reported()
    {
        await using var app = new LifecycleHarness(
            after: services => services.PostConfigure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(10)));
        await app.Lifecycle.StartingAsync(Token);

        Assert.Equal(TimeSpan.FromSeconds(10), app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
        Assert.Equal(
            "ShutdownTimeoutTooShort",
            Assert.Single(app.Services.GetFakeLogCollector().GetSnapshot(), record => record.Id.Id is 2205 or 2206).Id.Name);
    }

    [Fact]
    public async Task Stop_from_two_sides_says_goodbye_once()
    {
        await using var app = new LifecycleHarness();
        await app.StartUpAsync();

        var first = app.Lifecycle.StoppingAsync(Token);
        var second = app.Lifecycle.StoppingAsync(Token);
        await app.Time.PassWaitAsync(DrainDelay);
        await Patience.For(Task.WhenAll(first, second), "the end of the drain delay");

        Assert.Equal("DOWN", Assert.Single(app.Wire.Rest()).Status);
    }

    [Fact]
    public async Task Stop_second_signal_ends_the_delay_and_still_deletes()
    {
        await using var app = new LifecycleHarness();
        await app.StartUpAsync();

        var stopping = app.Lifecycle.StoppingAsync(Token);
        await app.Time.ReachWaitAsync(DrainDelay);
        app.Time.Advance(Second);
        app.Signals.Send();
        app.Signals.Send();
        await Patience.For(stopping, "the end of the drain delay");
        await app.Lifecycle.StoppedAsync(Token);

        Assert.False(app.Signals.HasListener);
        Assert.Equal(["POST", "DELETE"], app.Wire.Rest().Select(request => request.Method));
        Assert.Equal(
            "DrainDelayCutShort", Assert.Single(app.Services.GetFakeLogCollector().GetSnapshot(), record => record.Id.Id == 2204).Id.Name);
    }

    [Fact]
    public async Task Stop_signal_delivered_twice_is_one_signal()
    {
        await using var app = new LifecycleHarness();
        await app.StartUpAsync();

        var stopping = app.Lifecycle.StoppingAsync(Token);
        await app.Time.ReachWaitAsync(DrainDelay);
        app.Time.Advance(Second - TimeSpan.FromTicks(1));
        app.Signals.Send();
        Assert.False(stopping.IsCompleted);

        app.Time.Advance(DrainDelay);
        await Patience.For(stopping, "the end of the drain delay");
        Assert.False(app.Signals.HasListener);
        Assert.DoesNotContain(app.Services.GetFakeLogCollector().GetSnapshot(), record => record.Id.Id == 2204);
    }

    [Theory]
    [InlineData("00:00:05", "00:00:30", 30, 40)]
    [InlineData("00:01:00", "00:00:30", 30, 95)]
    [InlineData("00:00:01", "00:00:01", 30, 30)]
    [InlineData("00:01:00", "00:00:30", 300, 300)]
    [InlineData("00:01:00", "00:00:30", -0.001, -0.001)]
    public async Task ShutdownTimeout_is_raised_to_what_draining_needs_and_never_lowered(
        string delay, string timeout, double before, double after)
    {
        await using var app = new LifecycleHarness(
            services => services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(before)),
            settings: [("Mesh:Lifecycle:DrainDelay", delay), ("Mesh:Lifecycle:DrainTimeout", timeout)]);

        Assert.Equal(TimeSpan.FromSeconds(after), app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
    }

    [Fact]
    public async Task AddMeshLifecycle_twice_is_once()
    {
        await using var app = new LifecycleHarness(services => services.AddMesh().Services.AddMeshLifecycle());

        Assert.Single(app.Services.GetServices<IMeshSource>(), source => source.Name == "eureka");
        Assert.Single(app.Services.GetServices<Microsoft.AspNetCore.Hosting.IStartupFilter>());
    }
}
