using System.Net;
using Mesh.Client.Context;
using Mesh.Client.Outbound.HttpClients;
using Mesh.Client.Outbound.Transport;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>What an endpoint answers when the deadline that the call has inherited is all but over. A deadline
/// of 1 s; calls keep 5 ms of it back.</summary>
public sealed class InheritedDeadlineTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(504, true, 945, true)]
    [InlineData(500, true, 945, true)]
    [InlineData(503, true, 960, true)]
    [InlineData(200, true, 960, true)]
    [InlineData(504, true, 944, false)]
    [InlineData(504, true, 1, false)]
    [InlineData(500, false, 980, true)]
    [InlineData(502, false, 990, true)]
    [InlineData(503, false, 990, true)]
    [InlineData(504, false, 990, true)]
    [InlineData(500, false, 979, false)]
    [InlineData(504, false, 400, false)]
    public async Task Failure_is_nobodys_when_the_deadline_is_all_but_over(int status, bool marked, int afterMs, bool forgiven)
    {
        using var mesh = Fleet.Of(2, s => s.Retry.MaxRetries = 1);
        Answer(mesh, status, marked, afterMs);
        var holder = Enter(mesh);

        using var response = await mesh.Client.GetAsync(Fleet.Url, Token);

        Assert.Equal(status, (int)response.StatusCode);

        Assert.Equal(forgiven, holder.IsDeadlineSpent);
        // Near the deadline a retry would turn the answer into a timeout.
        Assert.Equal(afterMs > 500 ? 1 : 2, mesh.Network.Received.Count);
        Assert.Equal(!forgiven, mesh.Catalog().Endpoints.Current.All.Any(endpoint => endpoint.Health.HasFailures));
        Assert.Equal(forgiven, mesh.Catalog().Budget.FailureShare == 0);
        Assert.Equal(0, mesh.InFlight());
        holder.End();
    }

    [Theory]
    [InlineData("not inherited")]
    [InlineData("not sent")]
    [InlineData("roaming")]
    [InlineData("another word")]
    public async Task Endpoint_cannot_excuse_its_failure_with_a_deadline_that_it_was_not_given(string why)
    {
        using var mesh = Fleet.Of(2, s =>
        {
            s.Timeout = why == "not inherited" ? TimeSpan.FromMilliseconds(990) : TimeSpan.FromSeconds(10);
            s.SendContext = why != "not sent";
            s.Retry.MaxRetries = 0;
        });
        Answer(mesh, 504, marked: true, afterMs: why == "another word" ? 975 : 988, why == "another word" ? "ok" : "deadline");
        var holder = Enter(mesh);
        using var shell = new MeshHandler(
            mesh.Handler.Pipeline, ownPrimary: why == "roaming", HandlerReach.Of(null, isTrusted: false))
        {
            InnerHandler = new Roaming(mesh),
        };
        using var client = new HttpClient(why == "roaming" ? shell : mesh.Handler, disposeHandler: false);

        _ = await Record.ExceptionAsync(async () => (await client.GetAsync(Fleet.Url, Token)).Dispose());

        Assert.False(holder.IsDeadlineSpent);
        Assert.Contains(mesh.Catalog().Endpoints.Current.All, endpoint => endpoint.Health.HasFailures);
        holder.End();
    }

    /// <summary>A server that does not trust this caller answers 499, to spare proxies in between. On the mesh it is the 504 that
    /// a trusted caller gets, whether or not it is believed.</summary>
    [Theory]
    [InlineData(true, 945, true)]
    [InlineData(true, 944, false)]
    [InlineData(false, 945, false)]
    public async Task Spent_deadline_is_the_same_for_a_caller_that_is_not_trusted(bool inherited, int afterMs, bool forgiven)
    {
        var seen = new List<string>();
        foreach (var status in new[] { 504, 499 })
        {
            using var mesh = Fleet.Of(2, s =>
            {
                s.Timeout = TimeSpan.FromSeconds(inherited ? 10 : 1);
                s.Retry.MaxRetries = 1;
            });
            Answer(mesh, status, marked: true, afterMs);
            var holder = Enter(mesh, inherited ? 1 : 60);

            using var response = await mesh.Client.GetAsync(Fleet.Url, Token);

            var failed = mesh.Catalog().Endpoints.Current.All.Any(endpoint => endpoint.Health.HasFailures);
            seen.Add($"{(int)response.StatusCode} {response.ReasonPhrase} {response.Headers.Contains("mesh-outcome")} "
                + $"{holder.IsDeadlineSpent} {mesh.Network.Received.Count} {failed} {mesh.Catalog().Budget.FailureShare == 0}");
            holder.End();
        }

        Assert.Equal(
            Enumerable.Repeat($"504 Gateway Timeout False {forgiven} 1 {!forgiven} {forgiven}", 2), seen);
    }

    [Theory]
    [InlineData(false, "deadline")]
    [InlineData(true, "ok")]
    public async Task Status_499_without_the_mark_is_an_answer_of_the_application(bool marked, string said)
    {
        using var mesh = Fleet.Of(2, s => s.Retry.MaxRetries = 1);
        Answer(mesh, 499, marked, afterMs: 990, said);
        var holder = Enter(mesh);

        using var response = await mesh.Client.GetAsync(Fleet.Url, Token);

        Assert.Equal(499, (int)response.StatusCode);
        Assert.False(holder.IsDeadlineSpent);
        Assert.Single(mesh.Network.Received);
        Assert.DoesNotContain(mesh.Catalog().Endpoints.Current.All, endpoint => endpoint.Health.HasFailures);
        holder.End();
    }

    [Fact]
    public async Task Mark_is_taken_off_before_the_application_sees_it()
    {
        using var mesh = Fleet.Of(1);
        Answer(mesh, 504, marked: true, afterMs: 980);
        var holder = Enter(mesh);

        using var response = await mesh.Client.GetAsync(Fleet.Url, Token);

        Assert.False(response.Headers.Contains("mesh-outcome"));
        holder.End();
    }

    /// <summary>A time that the application has set is its own affair, and excuses nothing towards its caller.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_is_told_of_its_own_deadline_only(bool own)
    {
        using var mesh = Fleet.Of(1);
        mesh.All(Answers.Hang);
        var holder = Enter(mesh);
        using (MeshContext.Begin(new MeshContextValues { Timeout = own ? TimeSpan.FromMilliseconds(500) : null }))
        {
            await Assert.ThrowsAsync<TaskCanceledException>(() => mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token), 5));
        }

        Assert.Equal(!own, holder.IsDeadlineSpent);
        holder.End();
    }

    [Fact]
    public async Task Request_is_not_told_of_the_time_that_a_gRPC_call_was_given()
    {
        using var mesh = Fleet.Of(1);
        mesh.All(Answers.Hang);
        var holder = Enter(mesh);
        using var request = new HttpRequestMessage(HttpMethod.Post, Fleet.Url)
        {
            Version = HttpVersion.Version20,
            Content = new ByteArrayContent([]),
        };
        request.Content.Headers.ContentType = new("application/grpc");
        request.Headers.Add("grpc-timeout", "500m");

        using var response = await mesh.Advance(mesh.Client.SendAsync(request, Token), 5);

        Assert.Equal(["4"], response.Headers.GetValues("grpc-status"));
        Assert.False(holder.IsDeadlineSpent);
        holder.End();
    }

    private static ContextHolder Enter(MeshFixture mesh, int seconds = 1)
    {
        var clock = mesh.Catalog().Clock;
        return ContextHolder.Enter(
            new CallContext(clock) { Deadline = clock.Now + TimeSpan.FromSeconds(seconds) }, new DefaultHttpContext());
    }

    private static void Answer(MeshFixture mesh, int status, bool marked, int afterMs, string said = "deadline")
    {
        var first = true;
        mesh.All((_, _) =>
        {
            if (first)
            {
                first = false;
                mesh.Time.Advance(TimeSpan.FromMilliseconds(afterMs));
            }

            // As Kestrel sends it.
            var response = new HttpResponseMessage((HttpStatusCode)status) { ReasonPhrase = ReasonPhrases.GetReasonPhrase(status) };
            if (marked)
            {
                response.Headers.Add("mesh-outcome", said);
            }

            return Task.FromResult(response);
        });
    }

    private sealed class Roaming(MeshFixture mesh) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            mesh.Time.Advance(TimeSpan.FromMilliseconds(988));
            var response = new HttpResponseMessage(HttpStatusCode.GatewayTimeout);
            response.Headers.Add("mesh-outcome", "deadline");
            return Task.FromResult(response);
        }
    }
}
