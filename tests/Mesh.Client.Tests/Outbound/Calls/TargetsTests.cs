using System.Net;
using Mesh.Client.Model;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>A call goes on with the next target of its route where one has come to nothing. No setting makes a second target yet.</summary>
public sealed class TargetsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>With at most two retries, and one more attempt at each further target; of six targets four are visited.</summary>
    [Theory]
    [InlineData("refused", "GET", 1, 3)]
    [InlineData("refused", "POST", 2, 4)]
    [InlineData("503", "GET", 2, 4)]
    [InlineData("503", "GET", 6, 6)]
    [InlineData("503", "POST", 2, 1)]
    [InlineData("429", "GET", 2, 1)]
    [InlineData("404", "GET", 2, 1)]
    public async Task Call_moves_on_where_it_may_be_repeated(string outcome, string method, int targets, int attempts)
    {
        using var mesh = Routed(targets);
        mesh.All((request, _) => outcome == "refused"
            ? throw ScriptedNetwork.Refused()
            : Task.FromResult(new HttpResponseMessage((HttpStatusCode)int.Parse(outcome)) { RequestMessage = request }));

        var call = mesh.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), Fleet.Url), Token);
        if (outcome == "refused")
        {
            var failed = await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Advance(call, 200));
            Assert.Equal(attempts, MeshException.AttemptsOf(failed).Count);
        }
        else
        {
            using var response = await mesh.Advance(call, 200);
            Assert.Equal(outcome, ((int)response.StatusCode).ToString());
        }

        Assert.Equal(attempts, mesh.Network.Received.Count);
        Assert.Equal(0, mesh.InFlight());
    }

    [Fact]
    public async Task Call_that_succeeds_at_a_further_target_has_its_answer_and_the_others_are_disposed_of()
    {
        using var mesh = Routed(2);
        var contents = new List<NotedContent>();
        mesh.All((request, _) =>
        {
            contents.Add(new NotedContent());
            return Task.FromResult(new HttpResponseMessage(contents.Count < 4 ? HttpStatusCode.BadGateway : HttpStatusCode.OK)
            {
                RequestMessage = request,
                Content = contents[^1],
            });
        });

        using var response = await mesh.Advance(mesh.Client.GetAsync(Fleet.Url, HttpCompletionOption.ResponseHeadersRead, Token), 200);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal([true, true, true, false], contents.Select(static content => content.IsDisposed));
    }

    [Fact]
    public async Task Call_moves_on_from_a_target_without_endpoints_and_from_an_open_breaker()
    {
        using var mesh = Routed(3);
        mesh.Catalog().Publish("test", []);
        mesh.Catalog().Apply(mesh.Catalog().Model with { Endpoints = [] });
        Assert.Empty(mesh.Catalog().Endpoints.Current.All);

        var failed = await Assert.ThrowsAsync<NoEndpointException>(() => mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token), 200));

        Assert.Equal(Fleet.Name, failed.Service);
        Assert.Empty(mesh.Network.Received);
    }

    [Fact]
    public async Task Call_does_not_move_on_after_its_deadline_or_without_budget()
    {
        using var late = Routed(2, static options => options.Timeout = TimeSpan.FromSeconds(1));
        late.All(Answers.Hang);
        await Assert.ThrowsAsync<TaskCanceledException>(() => late.Advance(late.Client.GetAsync(Fleet.Url, Token), 200));
        Assert.Single(late.Network.Received);

        using var poor = Routed(2, static options => options.Retry.MaxRetries = 0);
        poor.All(Answers.Status(HttpStatusCode.ServiceUnavailable));
        while (poor.Catalog().Budget.TryWithdraw())
        {
        }

        (await poor.Advance(poor.Client.GetAsync(Fleet.Url, Token), 200)).Dispose();
        Assert.Single(poor.Network.Received);
    }

    private static MeshFixture Routed(int targets, Action<Mesh.Client.Options.ServiceOptions>? configure = null)
    {
        var mesh = Fleet.Of(3, configure);
        var service = mesh.Catalog();
        var model = service.Model;
        service.Apply(model with { Routes = [model.Routes[0] with { Targets = [.. Enumerable.Repeat(RouteTarget.Own, targets)] }] });
        return mesh;
    }

    private sealed class NotedContent : StringContent
    {
        public NotedContent()
            : base("answer")
        {
        }

        public bool IsDisposed { get; private set; }

        protected override void Dispose(bool disposing)
        {
            IsDisposed = true;
            base.Dispose(disposing);
        }
    }
}
