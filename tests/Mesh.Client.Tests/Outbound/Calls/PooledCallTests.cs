using System.Net;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Calls;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>A call that was used is as a new one.</summary>
public sealed class PooledCallTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Begin_after_use_equals_a_new_call()
    {
        using var mesh = Fleet.Of(2);
        using var first = new HttpRequestMessage(HttpMethod.Post, Fleet.Url) { Content = new Writing(_ => Task.CompletedTask) };
        first.Headers.Authorization = new("Bearer", "x");
        using var caller = new CancellationTokenSource();
        var used = new Call();
        using (MeshContext.Begin(new MeshContextValues { Timeout = TimeSpan.FromSeconds(1) }))
        {
            used.Begin(mesh.Catalog(), first, mesh.Handler.Primary, synchronous: true, TestTime.At(5), caller.Token);
        }

        // All that a call can come to.
        _ = used.IsAuthorizedByUser;
        used.Redirect(new Uri(Fleet.Url), mesh.Endpoint(2));
        foreach (var endpoint in mesh.Catalog().Endpoints.Current.All)
        {
            used.Count(endpoint);
        }

        used.RetryRefused = true;
        var attempt = used.First;
        attempt.Enter(mesh.Endpoint(2), TestTime.At(6), trial: false);
        attempt.Took = TestTime.Second;
        attempt.HasRest = true;
        attempt.DeadlineMoves = true;
        attempt.IsUndecided = true;
        attempt.Failure = new FailedAttempt { Endpoint = "x", Outcome = "reset", Failure = "reset", Duration = TestTime.Second };
        attempt.Promise(wanted: true);
        attempt.Result = new AttemptResult(Answers.Broken(), CallOutcome.UpstreamReset, mayBeSentAgain: true) { IsCutOff = true };
        used.Take(attempt);
        used.NoteRepeated();
        Assert.True(used.IsAtNamed && used.TryEndAt(mesh.Endpoint(2)));
        Assert.NotNull(used.Cuts);
        Assert.Equal((3, 1, 1), (used.Attempts, used.CutOffs, used.Failures!.Length));
        used.Extend(TestTime.At(1));
        used.TryReset();

        using var second = new HttpRequestMessage(HttpMethod.Get, Fleet.Url);
        used.Begin(mesh.Catalog(), second, mesh.Handler.Primary, synchronous: false, TestTime.At(7), CancellationToken.None);
        var made = new Call();
        made.Begin(mesh.Catalog(), second, mesh.Handler.Primary, synchronous: false, TestTime.At(7), CancellationToken.None);

        Assert.Empty(PooledFields.Differences(made, used));
        Assert.Equal(0, used.Tried.Length);
        Assert.Null(used.LastTried);
    }

    /// <summary>It was taken from the budget for an attempt that was cut short.</summary>
    [Fact]
    public void TryReset_retry_that_was_not_used_goes_back_to_the_budget()
    {
        using var mesh = Fleet.Of(2);
        using var request = new HttpRequestMessage(HttpMethod.Get, Fleet.Url);
        var call = new Call();
        call.Begin(mesh.Catalog(), request, mesh.Handler.Primary, synchronous: false, TestTime.At(7), CancellationToken.None);
        var budget = call.Target.Subset.Budget;
        while (budget.TryWithdraw())
        {
        }

        budget.GiveBack();
        Assert.True(budget.HasRoom && budget.TryPromise());
        Assert.False(budget.HasRoom);
        call.First.Promise(wanted: true);
        call.TryReset();

        Assert.True(budget.HasRoom);

        // Once.
        call.TryReset();
        Assert.True(budget.TryWithdraw());
        Assert.False(budget.HasRoom);
    }

    [Fact]
    public async Task Send_message_lists_the_attempts_of_its_own_call_only()
    {
        using var mesh = Fleet.Of(2);
        mesh.Network.Refuse(Fleet.At(1));
        mesh.Network.Refuse(Fleet.At(2));

        for (var i = 0; i < 3; i++)
        {
            var exception = await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token)));
            Assert.Equal(3, MeshException.AttemptsOf(exception).Count);
        }
    }

    [Fact]
    public async Task Send_what_an_endpoint_says_of_itself_is_taken_off_its_answer()
    {
        using var mesh = Fleet.Of(2);
        mesh.All((_, _) =>
        {
            var response = new HttpResponseMessage(HttpStatusCode.OK);
            response.Headers.Add("mesh-draining", "1");
            response.Headers.Add("mesh-load", "rif=1,st=2");
            response.Headers.Add("x-mine", "1");
            return Task.FromResult(response);
        });

        using var response = await mesh.Client.GetAsync(Fleet.Url, Token);

        Assert.Equal("x-mine", Assert.Single(response.Headers).Key);
        Assert.Contains(mesh.Catalog().Endpoints.Current.All, e => e.IsDraining);
    }
}
