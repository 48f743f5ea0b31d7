using System.Net;
using Mesh.Client.Context;
using Mesh.Client.Options;
using Mesh.Client.Primitives;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>What an attempt carries, and what an inherited deadline does to a call.</summary>
public sealed class OutboundContextTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Send_first_attempt_without_context_says_who_calls_and_how_long_it_waits()
    {
        using var mesh = Catalog(1);
        var seen = Record(mesh);
        using var request = new HttpRequestMessage(HttpMethod.Get, Fleet.Url);

        using var response = await mesh.Client.SendAsync(request, Token);

        Assert.Equal(["mesh-caller: shop;2.1", "mesh-criticality: sheddable", "mesh-deadline: 10000"], Assert.Single(seen));
        Assert.Empty(request.Headers);
    }

    [Fact]
    public async Task Send_context_travels_and_every_attempt_says_what_is_left()
    {
        using var mesh = Catalog(2);
        var seen = new List<string[]>();
        mesh.All((request, _) =>
        {
            seen.Add(MeshHeadersOf(request));
            mesh.Time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(new HttpResponseMessage(seen.Count == 1 ? HttpStatusCode.InternalServerError : HttpStatusCode.OK));
        });
        using var context = Enter(mesh, seconds: 3);

        using var response = await mesh.Client.GetAsync(Fleet.Url, Token);

        Assert.Equal(
            ["mesh-caller: shop;2.1 | mesh-criticality: critical-plus | mesh-deadline: 2995 | mesh-label-tenant: acme",
                "mesh-attempt: 2 | mesh-caller: shop;2.1 | mesh-criticality: critical-plus | mesh-deadline: 1995 | mesh-label-tenant: "
                + "acme"],
            seen.Select(lines => string.Join(" | ", lines)));
    }

    /// <summary>A gateway copies the headers of its caller into the request.</summary>
    [Fact]
    public async Task Send_to_a_service_that_gets_no_context_carries_no_copied_one_either()
    {
        using var mesh = Catalog(1, s => s.SendContext = false);
        var seen = Record(mesh);
        using var context = Enter(mesh, seconds: 3);
        using var request = new HttpRequestMessage(HttpMethod.Get, Fleet.Url)
        {
            Headers =
            {
                { "mesh-caller", "orders;1" },
                { "Mesh-Deadline", "300" },
                { "mesh-label-tenant", ["acme", "other"] },
                { "mesh-criticality", "sheddable" },
                { "mesher", "mine" },
            },
        };

        using var response = await mesh.Client.SendAsync(request, Token);

        Assert.Empty(Assert.Single(seen));
        Assert.Equal(
            "mesher: mine | mesh-caller: orders;1 | Mesh-Deadline: 300 | mesh-label-tenant: acme,other | mesh-criticality: sheddable",
            string.Join(" | ", request.Headers.Select(header => $"{header.Key}: {string.Join(',', header.Value)}")));
    }

    [Fact]
    public async Task Send_policy_that_is_nearer_than_the_callers_deadline_counts()
    {
        using var mesh = Catalog(1, s => s.Timeout = TimeSpan.FromSeconds(1));
        var seen = Record(mesh);
        using var context = Enter(mesh, seconds: 3);

        using var response = await mesh.Client.GetAsync(Fleet.Url, Token);

        Assert.Contains("mesh-deadline: 1000", Assert.Single(seen));
    }

    [Fact]
    public async Task Send_control_headers_of_the_user_are_not_sent_and_are_there_again_afterwards()
    {
        using var mesh = Catalog(1);
        var seen = Record(mesh);
        using var context = Enter(mesh, seconds: 3);
        using var request = new HttpRequestMessage(HttpMethod.Get, Fleet.Url);
        request.Headers.Add("mesh-deadline", "99");
        request.Headers.Add("mesh-attempt", ["7", "8"]);
        request.Headers.Add("mesh-label-tenant", "mine");
        request.Headers.Add("x-own", "1");

        using var response = await mesh.Client.SendAsync(request, Token);

        Assert.Equal(
            ["mesh-caller: shop;2.1", "mesh-criticality: critical-plus", "mesh-deadline: 2995", "mesh-label-tenant: mine"],
            Assert.Single(seen));
        Assert.Equal(["99"], request.Headers.GetValues("mesh-deadline"));
        Assert.Equal(["7", "8"], request.Headers.GetValues("mesh-attempt"));
        Assert.Equal(["mine"], request.Headers.GetValues("mesh-label-tenant"));
        Assert.Equal(4, request.Headers.Count());
    }

    [Fact]
    public async Task Send_inherited_deadline_ends_the_call_and_nobody_is_blamed()
    {
        using var mesh = Catalog(1);
        mesh.All(Answers.Hang);
        for (var i = 0; i < 30; i++)
        {
            using var context = Enter(mesh, seconds: 1);
            var call = mesh.Client.GetAsync(Fleet.Url, Token);
            mesh.Time.Advance(TimeSpan.FromMilliseconds(994));
            Assert.False(call.IsCompleted);
            mesh.Time.Advance(TimeSpan.FromMilliseconds(1));

            var exception = await Assert.ThrowsAsync<TaskCanceledException>(() => call);
            Assert.IsType<TimeoutException>(exception.InnerException);
            Assert.Contains("deadline of the request that it belongs to has passed", exception.Message, StringComparison.Ordinal);
        }

        Assert.True(mesh.Catalog().Breaker.IsClosed);
        Assert.False(mesh.Endpoint(1).Health.HasFailures);
        Assert.Equal(0, mesh.Catalog().Budget.FailureShare);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(1)]
    [InlineData(0)]
    public async Task Send_less_than_the_reserve_left_fails_at_once(int milliseconds)
    {
        using var mesh = Catalog(1);
        using var context = Enter(mesh, seconds: milliseconds / 1000.0);

        var exception = await Assert.ThrowsAsync<TaskCanceledException>(() => mesh.Client.GetAsync(Fleet.Url, Token));

        Assert.Contains("was not sent", exception.Message, StringComparison.Ordinal);
        Assert.Empty(mesh.Network.Received);
    }

    [Fact]
    public async Task Send_504_of_an_endpoint_at_the_end_of_the_inherited_deadline_is_not_its_failure()
    {
        using var mesh = Catalog(1);
        mesh.All((_, _) =>
        {
            mesh.Time.Advance(TimeSpan.FromMilliseconds(992));
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.GatewayTimeout));
        });
        using var context = Enter(mesh, seconds: 1);

        using var response = await mesh.Client.GetAsync(Fleet.Url, Token);

        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Single(mesh.Network.Received);
        Assert.False(mesh.Endpoint(1).Health.HasFailures);
    }

    [Fact]
    public async Task Send_attempt_timeout_within_an_inherited_deadline_is_the_endpoints_failure()
    {
        using var mesh = Catalog(1, s => s.AttemptTimeout = TimeSpan.FromMilliseconds(100));
        mesh.All(Answers.Hang);
        using var context = Enter(mesh, seconds: 1);

        var call = mesh.Client.GetAsync(Fleet.Url, Token);
        mesh.Time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.True(mesh.Endpoint(1).Health.HasFailures);

        await Assert.ThrowsAsync<TaskCanceledException>(() => mesh.Advance(call));
    }

    [Fact]
    public async Task Send_caller_whose_retries_are_exhausted_gets_none_of_ours()
    {
        using var mesh = Catalog(3);
        mesh.All(Answers.Status(HttpStatusCode.InternalServerError));
        var holder = ContextHolder.Enter(new CallContext(clock: null) { SaidAttempt = CallContext.LastAttempt });

        using var response = await mesh.Client.GetAsync(Fleet.Url, Token);

        holder.End();
        Assert.Single(mesh.Network.Received);
    }

    [Fact]
    public async Task Send_host_that_is_no_service_gets_nothing()
    {
        var primary = new HeaderRecorder();
        using var mesh = new MeshFixture(options => options.Services[Fleet.Name] = Fleet.Options(1), primary: primary);
        using var context = Enter(mesh, seconds: 3);

        using var outside = await mesh.Client.GetAsync("http://api.example.com/", Token);
        using var inside = await mesh.Client.GetAsync(Fleet.Url, Token);

        Assert.Empty(primary.Seen[0]);
        Assert.NotEmpty(primary.Seen[1]);
    }

    private static MeshFixture Catalog(int count, Action<ServiceOptions>? configure = null) => new(options =>
    {
        options.Service.Name = "shop";
        options.Service.Version = "2.1";
        options.Services[Fleet.Name] = Fleet.Options(count, configure);
    });

    private static Scope Enter(MeshFixture mesh, double seconds)
    {
        var clock = mesh.Provider.GetRequiredService<MeshClock>();
        return new Scope(ContextHolder.Enter(new CallContext(clock)
        {
            Deadline = clock.Now + TimeSpan.FromSeconds(seconds),
            Criticality = Criticality.CriticalPlus,
            Labels = ContextLabels.From(new Dictionary<string, string> { ["tenant"] = "acme" }),
        }));
    }

    private static List<string[]> Record(MeshFixture mesh)
    {
        var seen = new List<string[]>();
        mesh.All((request, _) =>
        {
            seen.Add(MeshHeadersOf(request));
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        });
        return seen;
    }

    private static string[] MeshHeadersOf(HttpRequestMessage request) =>
        [.. request.Headers.Where(h => h.Key.StartsWith("mesh-", StringComparison.Ordinal))
            .Select(h => $"{h.Key}: {string.Join(",", h.Value)}").Order(StringComparer.Ordinal)];

    private sealed class Scope(ContextHolder holder) : IDisposable
    {
        public void Dispose() => holder.End();
    }

    private sealed class HeaderRecorder : HttpMessageHandler
    {
        public List<string[]> Seen { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Seen.Add(MeshHeadersOf(request));
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        }
    }
}
