using System.Diagnostics;
using Mesh.Client.Context;
using Mesh.Client.Inbound;
using Mesh.Client.Tests.Telemetry;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Client.Tests.Inbound;

/// <summary>What a server measures about the requests it takes.</summary>
[Collection("Listeners")]
public sealed class ServerMetricTests
{
    [Theory]
    [InlineData("ok", "0.1 http.request.method=GET http.response.status_code=201 mesh.outcome=ok")]
    [InlineData("not found", "0.1 http.request.method=GET http.response.status_code=404 mesh.outcome=ok")]
    [InlineData("500", "0.1 http.request.method=GET http.response.status_code=503 mesh.outcome=error")]
    [InlineData("exception", "0.1 http.request.method=GET http.response.status_code=500 mesh.outcome=error")]
    [InlineData("brew", "0.1 http.request.method=_OTHER http.response.status_code=201 mesh.outcome=ok")]
    [InlineData("canceled", "0.1 http.request.method=GET mesh.outcome=canceled")]
    [InlineData("dead on arrival", "0 http.request.method=GET http.response.status_code=504 mesh.outcome=dead_on_arrival")]
    [InlineData("denied", "0 http.request.method=GET http.response.status_code=401 mesh.outcome=denied")]
    [InlineData("deadline", "0.1 http.request.method=GET http.response.status_code=504 mesh.outcome=deadline")]
    public async Task Request_is_measured_by_outcome(string what, string expected)
    {
        using var server = new ServerFixture();
        using var duration = server.Collect<double>("mesh.server.request.duration");
        using var active = server.Collect<long>("mesh.server.active_requests");
        using var client = new CancellationTokenSource();
        long during = 0;
        server.Application = context =>
        {
            during = active.GetMeasurementSnapshot().Sum(m => m.Value);
            server.Mesh.Time.Advance(TimeSpan.FromMilliseconds(100));
            context.Response.StatusCode = what switch { "not found" => 404, "500" => 503, _ => 201 };
            switch (what)
            {
                case "exception":
                    throw new InvalidOperationException("fails");
                case "canceled":
                    client.Cancel();
                    context.RequestAborted.ThrowIfCancellationRequested();
                    break;
            }

            return Task.CompletedTask;
        };

        var context = ServerFixture.Request(
            method: what == "brew" ? "BREW" : "GET", deadline: what switch { "dead on arrival" => "0", "deadline" => "100", _ => null });
        context.RequestAborted = client.Token;
        if (what == "denied")
        {
            context.Request.Headers.Authorization = new[] { "Bearer a", "Bearer b" };
        }

        var exception = await Record.ExceptionAsync(() => server.InvokeAsync(context));

        Assert.Equal(what is "exception" or "canceled", exception is not null);
        Assert.Equal([expected], duration.Lines());
        Assert.Equal(what is "dead on arrival" or "denied" ? 0 : 1, during);
        Assert.Equal(["1", "-1"], active.Lines());
    }

    /// <summary>Each value of the tag stands in the test above.</summary>
    [Fact]
    public void Outcomes_are_those_that_are_tested() =>
        Assert.Equal(
            ["ok", "error", "dead_on_arrival", "deadline", "denied", "canceled"], ServerOutcome.All.Select(outcome => outcome.Name));

    [Theory]
    [InlineData("0", "dead_on_arrival")]
    [InlineData("100", "deadline")]
    public async Task Deadline_that_is_spent_is_on_the_servers_own_span_and_metric(string deadline, string outcome)
    {
        using var server = new ServerFixture();
        server.Application = _ =>
        {
            server.Mesh.Time.Advance(TimeSpan.FromMilliseconds(100));
            return Task.CompletedTask;
        };
        var context = ServerFixture.Request(deadline: deadline);
        var tags = new MetricsTags();
        context.Features.Set<IHttpMetricsTagsFeature>(tags);
        using var span = new Activity("request").Start();

        await server.InvokeAsync(context);

        Assert.Equal(new KeyValuePair<string, object?>("mesh.outcome", outcome), Assert.Single(tags.Tags));
        Assert.Equal(outcome, span.GetTagItem("mesh.outcome"));
    }

    [Fact]
    public void Draining_is_observed()
    {
        using var server = new ServerFixture();
        using var draining = server.Collect<int>("mesh.server.draining");
        Assert.Equal(["0"], draining.Observe());
        server.Drain.Begin();
        Assert.Equal(["1"], draining.Observe());
    }

    [Fact]
    public async Task Request_nobody_listens_costs_nothing()
    {
        using var server = new ServerFixture();
        var telemetry = server.Mesh.Provider.GetService(typeof(ServerTelemetry)) as ServerTelemetry;
        var context = ServerFixture.Request();
        var call = new CallContext(null);
        await server.InvokeAsync(context);
        Measure(100);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Measure(100);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Measure(int count)
        {
            for (var i = 0; i < count; i++)
            {
                telemetry!.End(context, call, telemetry.Begin(), start: default, completed: true);
            }
        }
    }

    private sealed class MetricsTags : IHttpMetricsTagsFeature
    {
        public ICollection<KeyValuePair<string, object?>> Tags { get; } = [];

        public bool MetricsDisabled { get; set; }
    }
}
