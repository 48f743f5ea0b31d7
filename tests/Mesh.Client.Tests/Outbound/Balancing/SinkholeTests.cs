using System.Globalization;
using System.Net;
using Mesh.Client.Options;

namespace Mesh.Client.Tests.Outbound.Balancing;

/// <summary>An endpoint that answers quickly and wrongly never gets more than blind turns would give it, and
/// with Adaptive no more than its retests.</summary>
public sealed class SinkholeTests
{
    private const int Calls = 1_000;

    /// <summary>What blind turns to two good ones of three would bring, less the 99 % interval.</summary>
    private static readonly double Blind = (Calls * 2 / 3.0) - (2.576 * Math.Sqrt(Calls * 2 / 9.0));

    private static readonly string[] Kinds =
    [
        "429", "503 overloaded", "400", "401", "403", "404", "501", "500", "502", "600", "999", "reset", "garbage", "oversize", "version",
        "101", "206", "302", "307", "308 itself", "304", "grpc 0", "grpc 1", "grpc 5", "grpc 7", "grpc 12", "grpc 16", "grpc 99",
        "trailers 12", "trailers 14", "trailers 16",
    ];
    private static readonly int[] Callers = [1, 2, 5, 10, 20, 50];

    private bool _grpc;

    /// <summary>The answers under way.</summary>
    private readonly PriorityQueue<TaskCompletionSource, DateTimeOffset> _due = new();

    public static TheoryData<string, string, bool> All()
    {
        var data = new TheoryData<string, string, bool>();
        foreach (var policy in (string[])[LoadBalancingPolicies.Adaptive, LoadBalancingPolicies.LeastRequest,
            LoadBalancingPolicies.PeakEwma, LoadBalancingPolicies.RoundRobin])
        {
            foreach (var kind in Kinds)
            {
                data.Add(policy, kind, false);
                data.Add(policy, kind, true);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(All))]
    public void One_of_three_that_answers_quickly_and_wrongly_is_no_sinkhole(string policy, string kind, bool reports)
    {
        foreach (var callers in Callers)
        {
            var (good, bad) = Run(policy, callers, reports, (endpoint, _) => endpoint == 1 ? kind : "200");
            Assert.True(good >= Blind, $"{callers} callers: {good} of {Calls} went well, {bad} went to the bad one.");
            if (policy == LoadBalancingPolicies.Adaptive)
            {
                // Some before anything is known, and its retests.
                Assert.True(bad <= 40 + callers, $"{callers} callers: {bad} of {Calls} went to the bad one.");
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void One_of_three_of_which_some_answers_are_quick_and_wrong_is_no_sinkhole(string policy, string kind, bool reports)
    {
        foreach (var callers in Callers)
        {
            // Every second answer of the one; the others are quick, too. Blind turns would lose a sixth.
            var (good, bad) = Run(policy, callers, reports, (endpoint, number) => endpoint != 1 ? "200" : number % 2 == 0 ? kind : "quick");
            var blind = (Calls * 5 / 6.0) - (2.576 * Math.Sqrt(Calls * 5 / 36.0));
            Assert.True(good >= blind, $"{callers} callers: {good} of {Calls} went well, {bad} went to the bad one.");
        }
    }

    [Theory]
    [InlineData(LoadBalancingPolicies.Adaptive)]
    [InlineData(LoadBalancingPolicies.LeastRequest)]
    [InlineData(LoadBalancingPolicies.PeakEwma)]
    public void One_of_three_that_is_slower_to_answer_wrongly_than_nothing_known_is_no_sinkhole(string policy)
    {
        // The others take so long that nothing is known of them for most of the time.
        var (good, bad) = Run(policy, 10, reports: false, (endpoint, _) => endpoint == 1 ? "404" : "slow");
        Assert.True(good >= Blind, $"{good} of {Calls} went well, {bad} went to the bad one.");
    }

    [Theory]
    [InlineData("404 timed")]
    [InlineData("401 timed")]
    [InlineData("429 timed")]
    [InlineData("302 timed")]
    [InlineData("304 timed")]
    [InlineData("101 timed")]
    [InlineData("206 timed")]
    [InlineData("grpc 0 timed")]
    [InlineData("grpc 5 timed")]
    [InlineData("trailers 5 timed")]
    public void What_all_answer_alike_changes_nothing(string kind)
    {
        foreach (var callers in Callers)
        {
            using var mesh =
                Start(LoadBalancingPolicies.Adaptive, reports: false, (_, number) => number % 3 == 0 ? kind : "200", out var reached);
            Drive(mesh, callers, IsGrpc(kind));
            Assert.All(reached[1..], count => Assert.InRange(count, Calls / 5, Calls / 2));
            Assert.Empty(mesh.Catalog().Endpoints.Current.Ejected);
        }
    }

    /// <summary>The first refusals come before the others have answered; what they put in doubt must not last.</summary>
    [Theory]
    [InlineData(LoadBalancingPolicies.LeastRequest, "404")]
    [InlineData(LoadBalancingPolicies.PeakEwma, "404")]
    [InlineData(LoadBalancingPolicies.PeakEwma, "302")]
    [InlineData(LoadBalancingPolicies.PeakEwma, "grpc 5")]
    public void What_all_answer_quickly_and_alike_starves_none(string policy, string kind)
    {
        foreach (var callers in Callers[1..])
        {
            // Three of five keys, on all of them.
            using var mesh =
                Start(policy, reports: false, (endpoint, number) => ((number * 7) + endpoint) % 5 < 3 ? kind : "200", out var reached);
            Drive(mesh, callers, IsGrpc(kind));
            Assert.All(reached[1..], count => Assert.True(count >= Calls / 10, $"{callers} callers: {string.Join(", ", reached[1..])}"));
        }
    }

    private (int Good, int Bad) Run(string policy, int callers, bool reports, Func<int, int, string> answer)
    {
        using var mesh = Start(policy, reports, answer, out var reached);
        return (Drive(mesh, callers, IsGrpc(answer(1, 0))), reached[1]);
    }

    private MeshFixture Start(string policy, bool reports, Func<int, int, string> answer, out int[] reached)
    {
        var mesh = Fleet.Of(3, service =>
        {
            service.LoadBalancing.Policy = policy;
            service.CircuitBreaker.Enabled = false;
        });
        var counts = reached = new int[4];
        for (var i = 1; i <= 3; i++)
        {
            var number = i;
            mesh.Network.On(Fleet.At(i), (_, _) => AnswerAsync(mesh, answer(number, counts[number]++), reports));
        }

        return mesh;
    }

    /// <summary>Each caller calls again as soon as it has its answer. POSTs: only what was never sent goes elsewhere.</summary>
    private int Drive(MeshFixture mesh, int callers, bool grpc)
    {
        var good = 0;
        var left = Calls;
        _grpc = grpc;

        // Everything runs on this thread, one event after the other.
        SynchronizationContext.SetSynchronizationContext(null);
        var all = Task.WhenAll(Enumerable.Range(0, callers).Select(_ => CallAsync()));
        while (_due.TryDequeue(out var answer, out var at))
        {
            mesh.Time.SetUtcNow(at);
            answer.SetResult();
        }

        Assert.True(all.IsCompletedSuccessfully, all.Exception?.ToString() ?? "Still waiting.");
        Assert.Equal(-callers, left);
        return good;

        async Task CallAsync()
        {
            while (left-- > 0)
            {
                try
                {
                    using var request = new HttpRequestMessage(HttpMethod.Post, Fleet.Url);
                    if (grpc)
                    {
                        request.Version = HttpVersion.Version20;
                        request.Content = new ByteArrayContent([]) { Headers = { ContentType = new("application/grpc") } };
                    }

                    using var response = await mesh.Client.SendAsync(request);
                    var refused = IsWithoutMessage(response) || Refuses(response.TrailingHeaders);
                    good += response.StatusCode == HttpStatusCode.OK && !refused ? 1 : 0;
                }
                catch (HttpRequestException)
                {
                    // Broken, or no answer.
                }
            }
        }
    }

    private static bool IsGrpc(string kind) => kind.StartsWith("grpc", StringComparison.Ordinal)
        || kind.StartsWith("trailers", StringComparison.Ordinal);

    /// <summary>Also with status 0: a unary call gets no answer of it.</summary>
    private static bool IsWithoutMessage(HttpResponseMessage response) => response.Headers.Contains("grpc-status");

    private static bool Refuses(System.Net.Http.Headers.HttpHeaders headers) => headers.TryGetValues("grpc-status", out var status)
        && status.Single() != "0";

    private async Task<HttpResponseMessage> AnswerAsync(MeshFixture mesh, string kind, bool reports)
    {
        var due = new TaskCompletionSource();
        _due.Enqueue(
            due,
            mesh.Time.GetUtcNow().AddMilliseconds(kind == "slow" ? 500 : kind == "200" || kind.EndsWith("timed", StringComparison.Ordinal)
                ? 20 : 0.4));
        await due.Task;
        switch (kind)
        {
            case "reset":
                throw Answers.Broken();
            case "garbage":
                throw new HttpRequestException(HttpRequestError.InvalidResponse, "Not HTTP.");
            case "oversize":
                throw new HttpRequestException(HttpRequestError.ConfigurationLimitExceeded, "The headers are too long.");
            case "version":
                throw new HttpRequestException(HttpRequestError.VersionNegotiationError, "The server has no HTTP/2.");
        }

        var good = kind is "200" or "quick" or "slow";
        var grpc = IsGrpc(kind);
        var response =
            new HttpResponseMessage(
                good || grpc ? HttpStatusCode.OK
                : (HttpStatusCode)int.Parse(kind[..3], CultureInfo.InvariantCulture))
            { Version = HttpVersion.Version20 };
        if (grpc)
        {
            var trailers = kind.StartsWith("trailers", StringComparison.Ordinal);
            response.Content = new ByteArrayContent(trailers ? new byte[5] : []) { Headers = { ContentType = new("application/grpc") } };
            (trailers ? response.TrailingHeaders : response.Headers).Add("grpc-status", kind.Split(' ')[1]);
        }
        else if (_grpc && good)
        {
            response.Content = new ByteArrayContent(new byte[5]) { Headers = { ContentType = new("application/grpc") } };
            response.TrailingHeaders.Add("grpc-status", "0");
        }
        else if (kind.EndsWith("itself", StringComparison.Ordinal))
        {
            response.Headers.Location = new Uri("/", UriKind.Relative);
        }

        if (kind == "503 overloaded")
        {
            response.Headers.Add("mesh-overloaded", "1");
        }

        if (reports)
        {
            response.Headers.Add("mesh-load", good ? "rif=3,st=20" : "rif=0,st=20");
        }

        return response;
    }
}
