using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Calls;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Telemetry;
using Mesh.Client.Tests.Security.Tokens;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Telemetry;

/// <summary>Listeners are process-wide: nothing else runs beside these.</summary>
[CollectionDefinition("Listeners", DisableParallelization = true)]
public sealed class Listeners;

[Collection("Listeners")]
public sealed class SpanTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Send_ok_is_an_internal_span()
    {
        using var spans = new Spans();
        using var mesh = Fleet.Of(1);
        (await mesh.Client.GetAsync(Fleet.Url, Token)).Dispose();

        var span = Assert.Single(spans.Ended);
        Assert.Equal("mesh catalog", span.DisplayName);
        Assert.Equal(ActivityKind.Internal, span.Kind);
        Assert.Equal(ActivityStatusCode.Unset, span.Status);
        Assert.Equal(["http.response.status_code=200", "mesh.outcome=ok", "mesh.service=catalog"], Tags(span));
        Assert.Null(Activity.Current);
    }

    [Fact]
    public async Task Send_retries_and_failure_are_on_the_span()
    {
        using var spans = new Spans();
        using var mesh = Fleet.Of(3, s => s.Retry.MaxRetries = 1);
        mesh.All(Answers.Status(HttpStatusCode.BadGateway));
        (await mesh.Client.GetAsync(Fleet.Url, Token)).Dispose();

        var span = Assert.Single(spans.Ended);
        Assert.Equal(ActivityStatusCode.Error, span.Status);
        Assert.Equal(
            ["error.type=upstream_error", "http.request.resend_count=1", "http.response.status_code=502", "mesh.outcome=upstream_error",
                "mesh.service=catalog"],
            Tags(span));
    }

    /// <summary>What was never sent is no resend.</summary>
    [Fact]
    public async Task Send_retry_that_gets_no_token_does_not_count_as_sent()
    {
        using var spans = new Spans();
        var token = new OneToken();
        using var mesh = Fleet.Of(
            2,
            service =>
            {
                service.Credentials.Mode = CredentialMode.Propagate;
                service.Credentials.AllowInsecureTransport = true;
            },
            services: services => services.AddSingleton<ITokenSource>(token));
        token.Current = BearerToken.FromJwt(Jwt.Create(mesh.Time.GetUtcNow().AddHours(1), Fleet.Name));
        mesh.All((request, cancellation) =>
        {
            token.Current = null;
            return Answers.Status(HttpStatusCode.BadGateway)(request, cancellation);
        });

        await Assert.ThrowsAsync<TokenException>(() => mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token)));

        Assert.Single(mesh.Network.Received);
        Assert.Equal(
            ["error.type=token_failure", "mesh.outcome=token_failure", "mesh.service=catalog"], Tags(Assert.Single(spans.Ended)));
    }

    /// <summary>The runtime's handler opens connections on threads of its own, and makes the span of the attempt there.</summary>
    [Fact]
    public async Task Send_tags_of_the_attempt_reach_a_transport_that_sends_on_another_thread()
    {
        using var spans = new Spans();
        using var mesh = Fleet.Of(1);
        using var attempt = new Activity("attempt");
        mesh.All(async (request, _) =>
        {
            await Task.Factory.StartNew(
                () => new AttemptPropagator(static () => BaggageFilter.Nothing).Inject(attempt, request, setter: null),
                Token,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
            return new HttpResponseMessage(HttpStatusCode.OK);
        });

        (await mesh.Client.GetAsync(Fleet.Url, Token)).Dispose();

        Assert.Equal(["mesh.attempt.reason=first", "mesh.endpoint=10.0.0.1:80", "mesh.service=catalog"], Tags(attempt));
    }

    [Fact]
    public async Task Send_exception_is_on_the_span()
    {
        using var spans = new Spans();
        using var mesh = Fleet.Of(1, s => s.Retry.MaxRetries = 0);
        mesh.All(Answers.Throw(ScriptedNetwork.Refused));
        await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Client.GetAsync(Fleet.Url, Token));

        var span = Assert.Single(spans.Ended);
        Assert.Equal(ActivityStatusCode.Error, span.Status);
        Assert.StartsWith("Connection refused", span.StatusDescription, StringComparison.Ordinal);
        Assert.Equal(["error.type=connect_failure", "mesh.outcome=connect_failure", "mesh.service=catalog"], Tags(span));
    }

    [Fact]
    public async Task Send_span_is_the_parent_of_what_the_transport_does()
    {
        using var spans = new Spans();
        using var mesh = Fleet.Of(1);
        Activity? seen = null;
        mesh.All((_, _) =>
        {
            seen = Activity.Current;
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        });
        (await mesh.Client.GetAsync(Fleet.Url, Token)).Dispose();
        Assert.Same(Assert.Single(spans.Ended), seen);
    }

    /// <summary>An exemplar is the span that is current while a value is recorded, as long as it has not ended.</summary>
    [Fact]
    public async Task Send_metrics_are_recorded_while_the_span_of_the_call_is_the_current_one()
    {
        using var spans = new Spans();
        using var mesh = Fleet.Of(1);
        _ = mesh.Directory;
        var seen = new List<(string Instrument, Activity? Span, bool Ended)>();

        // Other tests make instruments while this one ends.
        var own = mesh.Provider.GetRequiredService<IMeterFactory>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Scope == own && instrument.Name is "mesh.client.call.duration" or "mesh.client.attempts")
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, _, _, _) => Add(instrument));
        listener.SetMeasurementEventCallback<long>((instrument, _, _, _) => Add(instrument));
        listener.Start();
        (await mesh.Client.GetAsync(Fleet.Url, Token)).Dispose();

        var span = Assert.Single(spans.Ended);
        Assert.Equal(["mesh.client.attempts", "mesh.client.call.duration"], seen.Select(m => m.Instrument));
        Assert.All(seen, measured => Assert.Same(span, measured.Span));
        Assert.All(seen, measured => Assert.False(measured.Ended));

        void Add(Instrument instrument) => seen.Add((instrument.Name, Activity.Current, Activity.Current?.IsStopped != false));
    }

    [Fact]
    public void Telemetry_nobody_listens_costs_nothing()
    {
        using var mesh = Fleet.Of(1);
        var telemetry = mesh.Provider.GetRequiredService<CallTelemetry>();
        var metrics = mesh.Provider.GetRequiredService<MeshMetrics>();
        var endpoint = mesh.Endpoint(1);
        using var request = new HttpRequestMessage(HttpMethod.Get, Fleet.Url);
        using var response = new HttpResponseMessage(HttpStatusCode.OK);
        var call = new Call();
        call.Begin(mesh.Catalog(), request, mesh.Handler.Primary, synchronous: false, now: default, CancellationToken.None);
        call.Last = new AttemptResult(response, CallOutcome.Ok);
        Assert.False(AttemptTelemetry.IsListening);
        Measure(100);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Measure(100);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Measure(int count)
        {
            for (var i = 0; i < count; i++)
            {
                var measured = telemetry.Begin(call);
                metrics.AttemptEnded(call.Service.Name, endpoint.Name, call.Last.Outcome, call.First.Reason);
                metrics.BudgetExhausted(Fleet.Name);
                telemetry.End(call, measured);
            }
        }
    }

    [Fact]
    public async Task Route_of_a_call_is_on_its_span_where_the_service_has_routes()
    {
        using var mesh = Fleet.Of(1, static service => service.Routes["reports"] = new RouteOptions { Matches = [new() { Path = "/r" }] });
        mesh.All(Answers.Status(HttpStatusCode.OK));
        using var plain = Fleet.Of(1);
        plain.All(Answers.Status(HttpStatusCode.OK));
        using var spans = new Spans();

        (await mesh.Client.GetAsync("http://catalog/r", Token)).Dispose();
        (await mesh.Client.GetAsync("http://catalog/", Token)).Dispose();
        (await plain.Client.GetAsync("http://catalog/", Token)).Dispose();

        Assert.Equal(["reports", "default", null], spans.Ended.Select(static span => span.GetTagItem("mesh.route")));
    }

    private static string[] Tags(Activity span) => [.. span.TagObjects.Select(t => $"{t.Key}={t.Value}").Order(StringComparer.Ordinal)];

    private sealed class OneToken : ITokenSource
    {
        public BearerToken? Current { get; set; }

        public ValueTask<BearerToken?> GetAsync(TokenRequest request, CancellationToken cancellationToken) => new(Current);
    }

    private sealed class Spans : IDisposable
    {
        private readonly ActivityListener _listener;

        public Spans()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == MeshTelemetry.ActivitySourceName,
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = Ended.Add,
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public List<Activity> Ended { get; } = [];

        public void Dispose() => _listener.Dispose();
    }
}
