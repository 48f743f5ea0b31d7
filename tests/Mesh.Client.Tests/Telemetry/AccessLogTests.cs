using System.Net;
using Mesh.Client.Inbound;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Telemetry;
using Mesh.Client.Tests.Inbound;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.Tests.Telemetry;

/// <summary>One line per call and per request, and what may not stand in it.</summary>
public sealed class AccessLogTests
{
    private const string Secret = "c4n4ry";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Call_off_by_default_logs_nothing()
    {
        using var mesh = Fleet.Of(1);
        (await mesh.Client.GetAsync(Fleet.Url, Token)).Dispose();
        Assert.Empty(Lines(mesh));
    }

    [Fact]
    public async Task Call_is_one_line_with_its_fields()
    {
        using var mesh = Logging(1);
        mesh.All((_, _) =>
        {
            mesh.Time.Advance(TimeSpan.FromMilliseconds(250));
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.Created));
        });
        (await mesh.Client.PostAsync($"{Fleet.Url}items/1%202?q={Secret}#{Secret}", null, Token)).Dispose();

        var line = Assert.Single(Lines(mesh));
        Assert.Equal(1900, line.Id.Id);
        Assert.Equal("Call", line.Id.Name);
        Assert.Equal(LogLevel.Information, line.Level);
        Assert.Equal("POST /items/1%202 of catalog at 10.0.0.1:80: 201 after 250 ms, 1 attempt(s), ok -", line.Message);
        Assert.Equal(
            ["Attempts=1", "Duration=250", "Endpoint=10.0.0.1:80", "Flag=-", "Method=POST", "Outcome=ok", "Path=/items/1%202",
                "Service=catalog", "Status=201"],
            Fields(line));
    }

    [Theory]
    [InlineData("500", "upstream_error", "-")]
    [InlineData("429", "overloaded", "-")]
    [InlineData("refused", "connect_failure", "UF,URX")]
    [InlineData("reset", "upstream_reset", "UR")]
    [InlineData("timeout", "timeout", "UT")]
    [InlineData("canceled", "canceled", "DC")]
    [InlineData("body", "local_error", "LR")]
    public async Task Call_that_fails_has_its_flag(string what, string outcome, string flag)
    {
        using var mesh = Logging(1);
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
        mesh.All(Answers.Named(what));
        var call = mesh.Client.PostAsync(Fleet.Url, null, caller.Token);
        if (what == "canceled")
        {
            await caller.CancelAsync();
        }

        _ = await Record.ExceptionAsync(async () => (await mesh.Advance(call, 1000)).Dispose());

        var fields = Fields(Assert.Single(Lines(mesh)));
        Assert.Contains($"Outcome={outcome}", fields);
        Assert.Contains($"Flag={flag}", fields);
    }

    [Fact]
    public async Task Call_that_was_not_sent_has_its_flag_and_no_endpoint()
    {
        using var mesh = Logging(1, s => s.CircuitBreaker.MinimumThroughput = 2);
        await Assert.ThrowsAsync<NoEndpointException>(() => mesh.Client.GetAsync("https://catalog/", Token));
        mesh.All(Answers.Status(HttpStatusCode.InternalServerError));
        (await mesh.Client.PostAsync(Fleet.Url, null, Token)).Dispose();
        (await mesh.Client.PostAsync(Fleet.Url, null, Token)).Dispose();
        await Assert.ThrowsAsync<CallRejectedException>(() => mesh.Client.GetAsync(Fleet.Url, Token));

        var lines = Lines(mesh);
        Assert.Equal(
            ["Attempts=0", "Duration=0", "Endpoint=-", "Flag=UH", "Method=GET", "Outcome=no_endpoint", "Path=/", "Service=catalog",
                "Status=-"],
            Fields(lines[0]));
        Assert.Equal(
            ["Attempts=0", "Duration=0", "Endpoint=-", "Flag=UO", "Method=GET", "Outcome=circuit_open", "Path=/", "Service=catalog",
                "Status=-"],
            Fields(lines[^1]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_whose_retries_were_not_enough_says_so(bool budgetSpent)
    {
        using var mesh = Logging(3, s =>
        {
            s.Retry.MaxRetries = 1;
            s.Retry.BudgetRatio = 0;
        });
        mesh.All(Answers.Status(HttpStatusCode.BadGateway));
        while (budgetSpent && mesh.Catalog().Budget.TryWithdraw())
        {
        }

        (await mesh.Client.GetAsync(Fleet.Url, Token)).Dispose();

        var fields = Fields(Assert.Single(Lines(mesh)));
        Assert.Contains(budgetSpent ? "Attempts=1" : "Attempts=2", fields);
        Assert.Contains("Flag=URX", fields);

        // The next call begins anew.
        mesh.All(Answers.Status(HttpStatusCode.OK));
        (await mesh.Client.GetAsync(Fleet.Url, Token)).Dispose();
        Assert.Contains("Flag=-", Fields(Lines(mesh)[^1]));
    }

    [Fact]
    public void Flag_of_a_spent_deadline_is_that_of_the_server_too()
    {
        Assert.Equal("DT", ResponseFlags.Of(CallOutcome.Deadline));
        Assert.Equal(
            ["- ok", "- error", "DT dead_on_arrival", "DT deadline", "UAEX denied", "DC canceled"],
            ServerOutcome.All.Select(outcome => $"{outcome.Flag} {outcome.Name}"));
    }

    [Fact]
    public async Task Request_is_one_line_with_its_fields()
    {
        using var server = new ServerFixture(options => options.Telemetry.AccessLog = true);
        server.Application = context =>
        {
            server.Mesh.Time.Advance(TimeSpan.FromMilliseconds(20));
            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        };
        var context = ServerFixture.Request("/items/1\r\nGET /other", "PUT");
        context.Request.QueryString = new QueryString("?q=" + Secret);
        context.Request.Headers["mesh-caller"] = "web;1.0";
        context.Request.Headers["mesh-attempt"] = "2";
        context.Request.Headers["mesh-label-tenant"] = Secret;
        context.Request.Headers.Authorization = "Bearer " + Secret;
        await server.InvokeAsync(context);

        var line = Assert.Single(Lines(server.Mesh));
        Assert.Equal(1901, line.Id.Id);
        Assert.Equal("Request", line.Id.Name);
        Assert.Equal("PUT /items/1%0D%0AGET%20/other of orders at 127.0.0.1:8080 for web: 404 after 20 ms, attempt 2, ok -", line.Message);
        Assert.Equal(
            ["Attempt=2", "Caller=web", "Duration=20", "Endpoint=127.0.0.1:8080", "Flag=-", "Method=PUT", "Outcome=ok",
                "Path=/items/1%0D%0AGET%20/other", "Service=orders", "Status=404"],
            Fields(line));
    }

    [Fact]
    public async Task Line_has_a_dash_for_what_is_not_there()
    {
        using var server = new ServerFixture(options => options.Telemetry.AccessLog = true);
        using var client = new CancellationTokenSource();
        var context = ServerFixture.Request();
        context.Connection.LocalIpAddress = null;
        context.RequestAborted = client.Token;
        await client.CancelAsync();
        await server.InvokeAsync(context);

        Assert.Equal("GET / of orders at - for -: - after 0 ms, attempt 1, canceled DC", Assert.Single(Lines(server.Mesh)).Message);
    }

    [Fact]
    public async Task Request_off_by_default_logs_nothing()
    {
        using var server = new ServerFixture();
        await server.InvokeAsync(ServerFixture.Request());
        Assert.Empty(Lines(server.Mesh));
    }

    /// <summary>T7: what a call carries beside its path may be secret.</summary>
    [Fact]
    public async Task Threat_secrets_in_logs()
    {
        using var mesh = Logging(1);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{Secret}:{Secret}@catalog/path?token={Secret}");
        request.Headers.Add("Authorization", "Bearer " + Secret);
        using var context = MeshContext.Begin(new MeshContextValues { Labels = new Dictionary<string, string> { ["tenant"] = Secret } });
        (await mesh.Client.SendAsync(request, Token)).Dispose();

        var line = Assert.Single(Lines(mesh));
        Assert.Contains("Path=/path", Fields(line));
        Assert.DoesNotContain(Secret, line.Message + string.Join(' ', Fields(line)), StringComparison.Ordinal);
    }

    private static MeshFixture Logging(int endpoints, Action<ServiceOptions>? configure = null) => new(options =>
    {
        options.Telemetry.AccessLog = true;
        options.Services[Fleet.Name] = Fleet.Options(endpoints, configure);
    });

    private static List<FakeLogRecord> Lines(MeshFixture mesh) =>
        [.. mesh.Logs.GetSnapshot().Where(record => record.Category == "Mesh.Client.Access")];

    private static string[] Fields(FakeLogRecord line) =>
        [.. line.StructuredState!.Where(field => field.Key != "{OriginalFormat}").Select(field => $"{field.Key}={field.Value}")
            .Order(StringComparer.Ordinal)];
}
