using System.Net;
using CsCheck;
using Mesh.Client.Options;

namespace Mesh.Client.Tests.Outbound.Balancing;

/// <summary>Whatever was seen of the endpoints: once they are well again, each of those in use has calls again.</summary>
public sealed class StarvationProperties
{
    private const int Enough = 2;

    private enum Past
    {
        Good,
        Error,
        Refuse,
        Reset,
        Shed,
        Drain,
        Hang,
    }

    /// <summary>For each endpoint how it answers, and after how many milliseconds; how many calls are made meanwhile, and by POST (which
    /// may not be repeated) or by GET.</summary>
    private static readonly Gen<((Past Kind, int Ms)[] Endpoints, int Calls, bool Post)> Story = Gen.Select(
        Gen.Select(
            Gen.Frequency(
                (3, Gen.Const(Past.Good)), (2, Gen.Const(Past.Error)), (1, Gen.Const(Past.Refuse)), (1, Gen.Const(Past.Reset)),
                    (1, Gen.Const(Past.Shed)), (1, Gen.Const(Past.Drain)),
                (1, Gen.Const(Past.Hang))),
            Gen.OneOf(Gen.Int[1, 20], Gen.Int[20, 12_000])).Array[1, 7],
        Gen.Int[1, 120],
        Gen.Bool);

    [Theory]
    [InlineData(LoadBalancingPolicies.Adaptive, 0)]
    [InlineData(LoadBalancingPolicies.Adaptive, 2)]
    [InlineData(LoadBalancingPolicies.LeastRequest, 0)]
    [InlineData(LoadBalancingPolicies.RoundRobin, 0)]
    [InlineData(LoadBalancingPolicies.WeightedRoundRobin, 0)]
    [InlineData(LoadBalancingPolicies.PeakEwma, 0)]
    [InlineData(LoadBalancingPolicies.Random, 0)]
    public void Endpoints_that_are_well_again_all_have_calls_again(string policy, int subset) =>
        Story.Check(story => Play(policy, subset, story.Endpoints, story.Calls, story.Post), count: 60);

    private static void Play(string policy, int subset, (Past Kind, int Ms)[] pasts, int calls, bool post)
    {
        using var mesh = Fleet.Of(pasts.Length, s =>
        {
            s.LoadBalancing.Policy = policy;
            s.LoadBalancing.SubsetSize = subset;
            s.CircuitBreaker.Enabled = false;
        });
        var service = mesh.Catalog();
        var hanging = new List<TaskCompletionSource<HttpResponseMessage>>();
        for (var i = 0; i < pasts.Length; i++)
        {
            var (kind, ms) = pasts[i];
            mesh.Network.On(Fleet.At(i + 1), (_, token) => Answer(mesh, kind, ms, hanging, token));
        }

        var open = new List<Task>();
        for (var i = 0; i < calls; i++)
        {
            open.Add(Call(mesh, post));
            mesh.Time.Advance(TimeSpan.FromMilliseconds(40));
        }

        // Well again, and what was under way ends, the one way or the other.
        var reached = service.Endpoints.Current.All.ToDictionary(endpoint => endpoint, _ => 0);
        foreach (var endpoint in service.Endpoints.Current.All)
        {
            mesh.Network.On(endpoint.Name, (_, token) =>
            {
                reached[endpoint]++;
                return Answer(mesh, Past.Good, 10, hanging, token);
            });
        }

        hanging.ForEach(answer => answer.TrySetResult(new HttpResponseMessage(HttpStatusCode.OK)));

        // 20 calls a second for up to eight minutes: a slow endpoint is tried again after a minute, one that leaves taken back after two.
        for (var i = 0; i < 10_000 && !All(); i++)
        {
            open.Add(Call(mesh, post));
            mesh.Time.Advance(TimeSpan.FromMilliseconds(40));
        }

        var last = service.Endpoints.Current;
        Assert.True(All(), $"In use: {string.Join(", ", last.Usable.Select(e => $"{e} with {reached[e]} calls"))}; out: "
            + $"{string.Join(", ", last.Ejected.Concat(last.Draining))}");
        Assert.All(open, call => Assert.True(call.IsCompleted));

        bool All() =>
            service.Endpoints.Current is { Ejected.Length: 0, Draining.Length: 0 } set
            && Array.TrueForAll(set.Usable, endpoint => reached[endpoint] >= Enough);
    }

    private static async Task Call(MeshFixture mesh, bool post)
    {
        try
        {
            (await (post ? mesh.Client.PostAsync(Fleet.Url, null) : mesh.Client.GetAsync(Fleet.Url))).Dispose();
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            // Only the endpoints matter.
        }
    }

    /// <summary>An answer comes before the next call is made: time passes in here.</summary>
    private static Task<HttpResponseMessage> Answer(
        MeshFixture mesh, Past kind, int ms, List<TaskCompletionSource<HttpResponseMessage>> hanging, CancellationToken token)
    {
        if (kind == Past.Hang)
        {
            var answer = new TaskCompletionSource<HttpResponseMessage>();
            token.UnsafeRegister(state => ((TaskCompletionSource<HttpResponseMessage>)state!).TrySetCanceled(token), answer);
            hanging.Add(answer);
            return answer.Task;
        }

        mesh.Time.Advance(TimeSpan.FromMilliseconds(ms));
        if (token.IsCancellationRequested)
        {
            return Task.FromCanceled<HttpResponseMessage>(token);
        }

        var response = new HttpResponseMessage(
            kind switch
            {
                Past.Error => HttpStatusCode.InternalServerError,
                Past.Shed => HttpStatusCode.TooManyRequests,
                _ =>
                HttpStatusCode.OK
            });
        if (kind == Past.Drain)
        {
            response.Headers.Add("mesh-draining", "1");
        }

        return kind switch
        {
            Past.Refuse => Task.FromException<HttpResponseMessage>(ScriptedNetwork.Refused()),
            Past.Reset => Task.FromException<HttpResponseMessage>(Answers.Broken()),
            _ => Task.FromResult(response),
        };
    }
}
