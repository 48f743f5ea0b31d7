using CsCheck;
using Mesh.Client.Options;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>What holds for every interleaving of calls, answers, cancellations and changes of the endpoints.</summary>
public sealed class RequestPathProperties
{
    private static readonly Gen<(RequestStory.Act Act, int Which)[]> Story =
        Gen.Select(
            Gen.Frequency(
                (6, Gen.Const(RequestStory.Act.Get)), (3, Gen.Const(RequestStory.Act.Post)), (4, Gen.Const(RequestStory.Act.Ok)),
                    (3, Gen.Const(RequestStory.Act.Error)),
                (3, Gen.Const(RequestStory.Act.Refuse)), (1, Gen.Const(RequestStory.Act.Reset)), (1, Gen.Const(RequestStory.Act.Shed)),
                    (1, Gen.Const(RequestStory.Act.Drain)),
                (2, Gen.Const(RequestStory.Act.Stream)), (2, Gen.Const(RequestStory.Act.Cancel)), (1, Gen.Const(RequestStory.Act.Dispose)),
                    (1, Gen.Const(RequestStory.Act.Remove)),
                (1, Gen.Const(RequestStory.Act.Add)), (2, Gen.Const(RequestStory.Act.Advance)), (1, Gen.Const(RequestStory.Act.Wait))),
            Gen.Int[0, 1000]).Array[1, 150];

    /// <summary>
    /// In every story: no attempt goes to an endpoint that is ejected, draining or tried before by its call while another is usable (but
    /// for the trials, one at a time); none to an endpoint that has left; no ejection exceeds the ratio, or takes the only endpoint; and at
    /// the end nothing is in flight and the connections of those that left are closed.
    /// </summary>
    [Theory]
    [InlineData(LoadBalancingPolicies.Adaptive, 0)]
    [InlineData(LoadBalancingPolicies.LeastRequest, 0)]
    [InlineData(LoadBalancingPolicies.RoundRobin, 0)]
    [InlineData(LoadBalancingPolicies.WeightedRoundRobin, 0)]
    [InlineData(LoadBalancingPolicies.PeakEwma, 0)]
    [InlineData(LoadBalancingPolicies.Random, 0)]
    [InlineData(LoadBalancingPolicies.Adaptive, 1)]
    [InlineData(LoadBalancingPolicies.RoundRobin, 2)]
    public void Story_of_any_kind_keeps_the_rules_of_the_choice_and_leaves_nothing_in_flight(string policy, int subset) =>
        Gen.Select(Story, Gen.Int[1, 6], Gen.OneOf(Gen.Const(0.5), Gen.Const(0.0), Gen.Const(0.1), Gen.Const(0.34), Gen.Const(1.0))).Check(
            (story, count, ratio) => new RequestStory(policy, count + (2 * subset), subset, ratio).Play(story),
            count: 300);

    /// <summary>An address that comes back has connections of its own; those of before are closed.</summary>
    [Fact]
    public void Story_in_which_an_address_leaves_and_comes_back_closes_the_connections_of_before() =>
        new RequestStory(LoadBalancingPolicies.RoundRobin, 2, 0, 0.5).Play(
        [
            (RequestStory.Act.Get, 0), (RequestStory.Act.Get, 0), (RequestStory.Act.Ok, 0), (RequestStory.Act.Ok, 0),
            (RequestStory.Act.Remove, 0), (RequestStory.Act.Add, 0), (RequestStory.Act.Get, 0), (RequestStory.Act.Get, 0),
                (RequestStory.Act.Ok, 0), (RequestStory.Act.Ok, 0),
        ]);

    /// <summary>The same with threads: which of them is first is another one each time.</summary>
    [Fact]
    public async Task Answer_cancellation_end_of_the_body_and_removal_in_one_moment_leave_nothing_in_flight()
    {
        using var mesh = Fleet.Of(0, s => s.CircuitBreaker.Enabled = false);
        for (var i = 0; i < 300; i++)
        {
            mesh.Catalog().Publish("test", [TestSource.Endpoint($"http://10.0.0.1:{1 + i}")]);
            var endpoint = Assert.Single(mesh.Catalog().Endpoints.Current.All);
            var answer = new TaskCompletionSource<HttpResponseMessage>();
            mesh.Network.On(endpoint.Name, async (_, token) => await answer.Task.WaitAsync(token));
            using var caller = new CancellationTokenSource();
            var call = mesh.Client.GetAsync(Fleet.Url, HttpCompletionOption.ResponseHeadersRead, caller.Token);
            Assert.Equal(1, endpoint.Load.InFlight);

            using var together = new Barrier(3);
            await Task.WhenAll(
                Together(() => answer.SetResult(new HttpResponseMessage { Content = new TrackedContent("yes") })),
                Together(caller.Cancel),
                Together(() => mesh.Catalog().Publish("test", [])));
            try
            {
                using var response = await call;
                var reading = Task.Run(
                    () => response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
                response.Dispose();

                // Whatever a reader says to a body that is taken from it.
                await Task.WhenAny(reading);
            }
            catch (OperationCanceledException)
            {
                // An end, too.
            }

            Assert.Equal(0, endpoint.Load.InFlight);

            Task Together(Action act) => Task.Factory.StartNew(
                () =>
                {
                    together.SignalAndWait();
                    act();
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
        }
    }
}
