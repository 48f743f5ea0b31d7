using System.Diagnostics.Metrics;
using System.Net;
using Mesh.Client.Inbound;
using Mesh.Client.Options;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Mesh.Client.Tests.Telemetry;

/// <summary>Names, units and every value of every tag.</summary>
public sealed class MetricTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("mesh.client.call.duration", "s", typeof(double))]
    [InlineData("mesh.client.attempts", "{attempt}", typeof(long))]
    [InlineData("mesh.client.active_calls", "{call}", typeof(long))]
    [InlineData("mesh.client.retry_budget.exhausted", "{retry}", typeof(long))]
    [InlineData("mesh.client.ejections", "{ejection}", typeof(long))]
    [InlineData("mesh.client.probes", "{probe}", typeof(long))]
    [InlineData("mesh.client.endpoints", "{endpoint}", typeof(long))]
    [InlineData("mesh.client.circuit.state", null, typeof(int))]
    [InlineData("mesh.config.generation", "{generation}", typeof(int))]
    [InlineData("mesh.config.reloads", "{reload}", typeof(long))]
    [InlineData("mesh.config.rejected", null, typeof(int))]
    [InlineData("mesh.registry.fetch.duration", "s", typeof(double))]
    [InlineData("mesh.registry.age", "s", typeof(double))]
    [InlineData("mesh.registry.instances", "{instance}", typeof(long))]
    [InlineData("mesh.registry.heartbeats", "{heartbeat}", typeof(long))]
    [InlineData("mesh.registry.registration.state", null, typeof(int))]
    [InlineData("mesh.server.request.duration", "s", typeof(double))]
    [InlineData("mesh.server.active_requests", "{request}", typeof(long))]
    [InlineData("mesh.server.draining", null, typeof(int))]
    public void Instruments_have_their_names_and_units(string name, string? unit, Type type)
    {
        using var mesh = Fleet.Of(1);
        Instrument? found = null;

        // Other tests make instruments while this one ends.
        var own = mesh.Provider.GetRequiredService<IMeterFactory>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == "Mesh.Client" && instrument.Meter.Scope == own && instrument.Name == name)
                {
                    found = instrument;
                }
            },
        };
        _ = mesh.Directory;
        _ = mesh.Provider.GetRequiredService<ServerMetrics>();
        listener.Start();

        Assert.NotNull(found);
        Assert.Equal(unit, found.Unit);
        Assert.Equal(type, found.GetType().GetGenericArguments()[0]);
        Assert.False(string.IsNullOrWhiteSpace(found.Description));
    }

    [Fact]
    public async Task Send_ok_is_counted()
    {
        using var mesh = Fleet.Of(1);
        using var duration = Collect<double>(mesh, "mesh.client.call.duration");
        using var attempts = Collect<long>(mesh, "mesh.client.attempts");
        using var active = Collect<long>(mesh, "mesh.client.active_calls");
        var release = new TaskCompletionSource<HttpResponseMessage>();
        mesh.All((_, token) => release.Task.WaitAsync(token));

        var call = mesh.Client.GetAsync(Fleet.Url, Token);
        Assert.Equal("1 mesh.service=catalog", Assert.Single(Lines(active)));
        mesh.Time.Advance(TimeSpan.FromMilliseconds(250));
        release.SetResult(new HttpResponseMessage(HttpStatusCode.Created));
        (await call).Dispose();

        Assert.Equal(["0.25 http.request.method=GET http.response.status_code=201 mesh.outcome=ok mesh.service=catalog"], Lines(duration));
        Assert.Equal(["1 mesh.attempt.reason=first mesh.outcome=ok mesh.service=catalog"], Lines(attempts));
        Assert.Equal(["1 mesh.service=catalog", "-1 mesh.service=catalog"], Lines(active));
    }

    [Fact]
    public async Task Send_retry_is_two_attempts_of_one_call()
    {
        using var mesh = Fleet.Of(2);
        using var duration = Collect<double>(mesh, "mesh.client.call.duration");
        using var attempts = Collect<long>(mesh, "mesh.client.attempts");
        var first = true;
        mesh.All((_, _) =>
        {
            var refuse = first;
            first = false;
            return refuse ? throw ScriptedNetwork.Refused() : Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        });

        (await mesh.Client.PutAsync(Fleet.Url, null, Token)).Dispose();

        Assert.Equal(["0 http.request.method=PUT http.response.status_code=200 mesh.outcome=ok mesh.service=catalog"], Lines(duration));
        Assert.Equal(
            ["1 mesh.attempt.reason=first mesh.outcome=connect_failure "
                + "mesh.service=catalog", "1 mesh.attempt.reason=retry mesh.outcome=ok mesh.service=catalog"],
            Lines(attempts));
    }

    [Theory]
    [InlineData("500", "upstream_error", " http.response.status_code=500")]
    [InlineData("429", "overloaded", " http.response.status_code=429")]
    [InlineData("404", "ok", " http.response.status_code=404")]
    [InlineData("refused", "connect_failure", "")]
    [InlineData("reset", "upstream_reset", "")]
    [InlineData("timeout", "timeout", "")]
    [InlineData("canceled", "canceled", "")]
    [InlineData("body", "local_error", "")]
    public async Task Send_failure_has_its_outcome(string what, string outcome, string status)
    {
        using var mesh = Fleet.Of(1);
        using var duration = Collect<double>(mesh, "mesh.client.call.duration");
        using var attempts = Collect<long>(mesh, "mesh.client.attempts");
        using var active = Collect<long>(mesh, "mesh.client.active_calls");
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
        mesh.All(Answers.Named(what));

        var call = mesh.Client.SendAsync(new HttpRequestMessage(new HttpMethod("BREW"), Fleet.Url), caller.Token);
        if (what == "canceled")
        {
            await caller.CancelAsync();
        }

        try
        {
            (await mesh.Advance(call, 1000)).Dispose();
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or InvalidOperationException)
        {
            // The outcome is what counts here.
        }

        Assert.EndsWith($" http.request.method=_OTHER{status} mesh.outcome={outcome} "
            + "mesh.service=catalog", Assert.Single(Lines(duration)), StringComparison.Ordinal);
        Assert.Equal($"1 mesh.attempt.reason=first mesh.outcome={outcome} mesh.service=catalog", Lines(attempts)[0]);
        Assert.Equal(0, active.GetMeasurementSnapshot().Sum(m => m.Value));
    }

    [Fact]
    public async Task Send_refused_without_an_attempt_has_its_outcome()
    {
        using var mesh = Fleet.Of(1, s => s.CircuitBreaker.MinimumThroughput = 2);
        using var duration = Collect<double>(mesh, "mesh.client.call.duration");
        using var attempts = Collect<long>(mesh, "mesh.client.attempts");
        await Assert.ThrowsAsync<NoEndpointException>(() => mesh.Client.GetAsync("https://catalog/", Token));
        mesh.All(Answers.Status(HttpStatusCode.InternalServerError));
        (await mesh.Client.PostAsync(Fleet.Url, null, Token)).Dispose();
        (await mesh.Client.PostAsync(Fleet.Url, null, Token)).Dispose();
        await Assert.ThrowsAsync<CallRejectedException>(() => mesh.Client.DeleteAsync(Fleet.Url, Token));

        Assert.Equal("0 http.request.method=GET mesh.outcome=no_endpoint mesh.service=catalog", Lines(duration)[0]);
        Assert.Equal("0 http.request.method=DELETE mesh.outcome=circuit_open mesh.service=catalog", Lines(duration)[^1]);
        Assert.Equal(2, Lines(attempts).Length);
    }

    [Fact]
    public async Task Send_cancelled_while_it_waits_for_a_source_is_canceled()
    {
        using var mesh = new MeshFixture(
            options => options.Services[Fleet.Name] = new ServiceOptions(),
            services => services.AddSingleton<IMeshSource>(new TestSource()));
        using var duration = Collect<double>(mesh, "mesh.client.call.duration");
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var call = mesh.Client.GetAsync(Fleet.Url, caller.Token);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(["0 http.request.method=GET mesh.outcome=canceled mesh.service=catalog"], Lines(duration));
    }

    [Fact]
    public async Task Send_budget_spent_is_counted()
    {
        using var mesh = Fleet.Of(2, s => s.Retry.BudgetRatio = 0);
        using var exhausted = Collect<long>(mesh, "mesh.client.retry_budget.exhausted");
        mesh.All(Answers.Status(HttpStatusCode.BadGateway));
        while (mesh.Catalog().Budget.TryWithdraw())
        {
        }

        (await mesh.Client.GetAsync(Fleet.Url, Token)).Dispose();
        (await mesh.Client.PostAsync(Fleet.Url, null, Token)).Dispose();

        Assert.Equal(["1 mesh.service=catalog"], Lines(exhausted));
    }

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, " mesh.endpoint=10.0.0.1:80")]
    public void Ejections_are_counted_by_reason(bool perEndpoint, string endpoint)
    {
        using var mesh = new MeshFixture(options =>
        {
            options.Telemetry.PerEndpointTags = perEndpoint;
            options.Services[Fleet.Name] = Fleet.Options(2);
        });
        using var ejections = Collect<long>(mesh, "mesh.client.ejections");
        var service = mesh.Catalog();
        for (var i = 0; i < 3; i++)
        {
            service.Outliers.OnFailure(mesh.Endpoint(1), connectFailure: true, service.Clock.Now, trial: false);
        }

        mesh.Time.Advance(TimeSpan.FromSeconds(1));
        service.Outliers.TakeTrial(repeatable: true, secureOnly: false, service.Clock.Now);
        service.Outliers.OnFailure(mesh.Endpoint(1), connectFailure: false, service.Clock.Now, trial: true);
        mesh.Time.Advance(TimeSpan.FromSeconds(2));
        service.Outliers.TakeTrial(repeatable: true, secureOnly: false, service.Clock.Now);
        service.Outliers.OnSuccess(mesh.Endpoint(1), service.Clock.Now, service.Clock.Now);
        mesh.Eject(1);

        Assert.Equal(
            [$"1{endpoint} mesh.service=catalog reason=connect_failures", $"1{endpoint} mesh.service=catalog reason=trial_failed",
                $"1{endpoint} mesh.service=catalog reason=consecutive_failures"],
            Lines(ejections));
    }

    [Fact]
    public async Task Attempts_carry_the_endpoint_when_asked_to()
    {
        using var mesh = new MeshFixture(options =>
        {
            options.Telemetry.PerEndpointTags = true;
            options.Services[Fleet.Name] = Fleet.Options(1);
        });
        using var attempts = Collect<long>(mesh, "mesh.client.attempts");
        (await mesh.Client.GetAsync(Fleet.Url, Token)).Dispose();
        Assert.Equal(["1 mesh.attempt.reason=first mesh.endpoint=10.0.0.1:80 mesh.outcome=ok mesh.service=catalog"], Lines(attempts));
    }

    [Fact]
    public async Task State_of_services_is_observed()
    {
        using var mesh = Fleet.Of(3, s => s.CircuitBreaker.MinimumThroughput = 2);
        mesh.Eject(1);
        using var endpoints = Collect<long>(mesh, "mesh.client.endpoints");
        using var circuit = Collect<int>(mesh, "mesh.client.circuit.state");
        using var generation = Collect<int>(mesh, "mesh.config.generation");
        endpoints.RecordObservableInstruments();
        circuit.RecordObservableInstruments();
        generation.RecordObservableInstruments();
        Assert.Equal(
            ["2 mesh.service=catalog state=healthy", "0 mesh.service=catalog state=standby", "1 mesh.service=catalog state=ejected",
                "0 mesh.service=catalog state=draining", "0 mesh.service=catalog state=refused"],
            Lines(endpoints));
        Assert.Equal(["0 mesh.service=catalog"], Lines(circuit));
        Assert.Equal(["1"], Lines(generation));

        mesh.All(Answers.Status(HttpStatusCode.InternalServerError));
        (await mesh.Client.PostAsync(Fleet.Url, null, Token)).Dispose();
        (await mesh.Client.PostAsync(Fleet.Url, null, Token)).Dispose();
        circuit.RecordObservableInstruments();
        Assert.Equal("2 mesh.service=catalog", Lines(circuit)[^1]);

        mesh.Time.Advance(TimeSpan.FromSeconds(5));
        mesh.All(Answers.Hang);
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var trial = mesh.Client.PostAsync(Fleet.Url, null, caller.Token);
        circuit.RecordObservableInstruments();
        Assert.Equal("1 mesh.service=catalog", Lines(circuit)[^1]);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => trial);
    }

    private static MetricCollector<T> Collect<T>(MeshFixture mesh, string name)
        where T : struct
    {
        _ = mesh.Directory;
        return new MetricCollector<T>(mesh.Provider.GetRequiredService<IMeterFactory>(), MeshTelemetry.MeterName, name, mesh.Time);
    }

    private static string[] Lines<T>(MetricCollector<T> collector)
        where T : struct => collector.Lines();
}
