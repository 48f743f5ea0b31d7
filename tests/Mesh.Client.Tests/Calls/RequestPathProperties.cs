using System.Net;
using CsCheck;
using Mesh.Client.Discovery;

namespace Mesh.Client.Tests.Calls;

/// <summary>What holds for every interleaving of calls, answers, cancellations and changes of the endpoints.</summary>
public sealed class RequestPathProperties
{
    private enum Act
    {
        Get,
        Post,
        Ok,
        Error,
        Refuse,
        Reset,
        Shed,
        Stream,
        Cancel,
        Dispose,
        Remove,
        Add,
        Advance,
    }

    private static readonly Gen<(Act Act, int Which)[]> Story =
        Gen.Select(Gen.Frequency(
            (6, Gen.Const(Act.Get)), (3, Gen.Const(Act.Post)), (4, Gen.Const(Act.Ok)), (3, Gen.Const(Act.Error)), (3, Gen.Const(Act.Refuse)), (1, Gen.Const(Act.Reset)),
            (1, Gen.Const(Act.Shed)), (2, Gen.Const(Act.Stream)), (2, Gen.Const(Act.Cancel)), (1, Gen.Const(Act.Dispose)), (1, Gen.Const(Act.Remove)), (1, Gen.Const(Act.Add)),
            (2, Gen.Const(Act.Advance))), Gen.Int[0, 1000]).Array[1, 120];

    [Theory]
    [InlineData(LoadBalancingPolicies.Adaptive, 0)]
    [InlineData(LoadBalancingPolicies.LeastRequest, 0)]
    [InlineData(LoadBalancingPolicies.RoundRobin, 0)]
    [InlineData(LoadBalancingPolicies.WeightedRoundRobin, 0)]
    [InlineData(LoadBalancingPolicies.PeakEwma, 0)]
    [InlineData(LoadBalancingPolicies.Adaptive, 1)]
    [InlineData(LoadBalancingPolicies.RoundRobin, 2)]
    public void Requests_in_flight_return_to_zero_and_the_ejected_are_spared(string policy, int subset) =>
        Gen.Select(Story, Gen.Int[1, 5]).Sample((story, count) => new World(policy, count + (2 * subset), subset).Play(story), iter: 300, threads: 1, seed: "0000000000001");

    private sealed class World
    {
        private readonly string _policy;
        private readonly int _subset;
        private readonly List<int> _numbers;
        private readonly HashSet<Endpoint> _ever = [];
        private readonly List<(TaskCompletionSource<HttpResponseMessage> Answer, CancellationToken Token)> _waiting = [];
        private readonly List<(Task<HttpResponseMessage> Call, CancellationTokenSource Caller)> _calls = [];
        private int _next = 10;

        public World(string policy, int count, int subset)
        {
            _policy = policy;
            _subset = subset;
            _numbers = [.. Enumerable.Range(1, count)];
        }

        public void Play((Act Act, int Which)[] story)
        {
            // Calls complete on this thread only: every answer runs its continuations inline.
            using var mesh = Fleet.Of(0, s =>
            {
                s.LoadBalancing.Policy = _policy;
                s.LoadBalancing.SubsetSize = _subset;
                s.CircuitBreaker.Enabled = false;
            });
            Publish(mesh);
            foreach (var (act, which) in story)
            {
                Do(mesh, act, which);
            }

            foreach (var (_, caller) in _calls)
            {
                caller.Cancel();
            }

            foreach (var (call, caller) in _calls)
            {
                try
                {
                    call.GetAwaiter().GetResult().Dispose();
                }
                catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
                {
                    // An end, too.
                }

                caller.Dispose();
            }

            foreach (var endpoint in _ever)
            {
                Assert.Equal(0, endpoint.Load.InFlight);
            }

            mesh.Time.Advance(TimeSpan.FromMinutes(2));
            Assert.Equal(mesh.Network.Opened - mesh.Catalog().Endpoints.All.Count(e => mesh.Network.CountOf(e.Name) > 0), mesh.Network.Closed);
        }

        private void Do(MeshFixture mesh, Act act, int which)
        {
            switch (act)
            {
                case Act.Get or Act.Post:
                    var caller = new CancellationTokenSource();
                    _calls.Add((mesh.Client.SendAsync(new HttpRequestMessage(act == Act.Get ? HttpMethod.Get : HttpMethod.Post, Fleet.Url), HttpCompletionOption.ResponseHeadersRead, caller.Token), caller));
                    break;
                case Act.Cancel:
                    if (_calls.Count > 0)
                    {
                        _calls[which % _calls.Count].Caller.Cancel();
                    }

                    break;
                case Act.Dispose:
                    if (_calls.Find(c => c.Call.IsCompletedSuccessfully).Call is { } done)
                    {
                        done.Result.Dispose();
                    }

                    break;
                case Act.Add:
                    _numbers.Add(_next++);
                    Publish(mesh);
                    break;
                case Act.Remove:
                    if (_numbers.Count > 1)
                    {
                        _numbers.RemoveAt(which % _numbers.Count);
                        Publish(mesh);
                    }

                    break;
                case Act.Advance:
                    mesh.Time.Advance(TimeSpan.FromMilliseconds(which));
                    break;
                default:
                    Answer(act, which);
                    break;
            }
        }

        private void Answer(Act act, int which)
        {
            _waiting.RemoveAll(w => w.Answer.Task.IsCompleted);
            if (_waiting.Count == 0)
            {
                return;
            }

            var (answer, _) = _waiting[which % _waiting.Count];
            _ = act switch
            {
                Act.Refuse => answer.TrySetException(ScriptedNetwork.Refused()),
                Act.Reset => answer.TrySetException(Answers.Broken()),
                Act.Error => answer.TrySetResult(new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Content = new TrackedContent("no") }),
                Act.Shed => answer.TrySetResult(new HttpResponseMessage(HttpStatusCode.TooManyRequests)),
                Act.Stream => answer.TrySetResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new TrackedContent("yes") }),
                _ => answer.TrySetResult(new HttpResponseMessage(HttpStatusCode.OK)),
            };
        }

        private void Publish(MeshFixture mesh)
        {
            mesh.Catalog().Publish("test", [.. _numbers.Select(n => TestSource.Endpoint($"http://10.0.0.{n}"))]);
            foreach (var endpoint in mesh.Catalog().Endpoints.All)
            {
                if (_ever.Add(endpoint))
                {
                    mesh.Network.On(endpoint.Name, (request, token) => Arrive(mesh, endpoint, token));
                }
            }
        }

        private Task<HttpResponseMessage> Arrive(MeshFixture mesh, Endpoint endpoint, CancellationToken token)
        {
            var set = mesh.Catalog().Endpoints;
            if (endpoint.Health.IsEjected && !set.Panic && !endpoint.Health.TrialInFlight)
            {
                // Only as a retry that has been to all others (those have a request of this call behind them, so none is left untried).
                Assert.True(set.Healthy.Length <= 2, $"{endpoint.Name} is ejected, and {set.Healthy.Length} others are usable.");
            }

            Assert.True(endpoint.Load.InFlight > 0);
            var answer = new TaskCompletionSource<HttpResponseMessage>();
            token.UnsafeRegister(state => ((TaskCompletionSource<HttpResponseMessage>)state!).TrySetCanceled(token), answer);
            _waiting.Add((answer, token));
            return answer.Task;
        }
    }
}
