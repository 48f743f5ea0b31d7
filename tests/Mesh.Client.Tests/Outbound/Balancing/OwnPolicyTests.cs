using System.Net;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Balancing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Outbound.Balancing;

/// <summary>A policy that the application brings.</summary>
public sealed class OwnPolicyTests
{
    private readonly FakeLogger<LoadBalancerCatalog> _logger = new();
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Own_policy_chooses_and_is_told_how_it_went()
    {
        var policy = new Scripted(candidates =>
        {
            Assert.Equal("/a", candidates.Request!.RequestUri!.AbsolutePath);
            return candidates.Count - 1;
        });
        using var mesh = new MeshFixture(
            options => options.Services[Fleet.Name] = Fleet.Options(3, s => s.LoadBalancing.Policy = "MINE"),
            services => services.AddSingleton<ILoadBalancerFactory>(policy));
        mesh.All((_, _) => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)));

        for (var i = 0; i < 5; i++)
        {
            using var response = await mesh.Client.GetAsync(new Uri("http://catalog/a"), TestContext.Current.CancellationToken);
        }

        Assert.Equal(["catalog"], policy.Services);
        Assert.Single(policy.Completed.Select(c => c.Endpoint.Name).Distinct());
        Assert.Equal(5, policy.Completed.Count);
        Assert.All(policy.Completed, c => Assert.True(c.Attempt.Succeeded));
        Assert.Equal(5, policy.Completed[^1].Endpoint.State);
    }

    /// <summary>Nor does it count for the retries: callers in a hurry must not hide that a service fails.</summary>
    [Theory]
    [InlineData("canceled")]
    [InlineData("deadline")]
    public async Task Own_policy_is_told_of_no_failure_when_the_caller_ends_the_attempt(string how)
    {
        var token = TestContext.Current.CancellationToken;
        var policy = new Scripted(_ => 0);
        using var mesh = new MeshFixture(
            options => options.Services[Fleet.Name] = Fleet.Options(1, s =>
            {
                s.LoadBalancing.Policy = "Mine";
                s.Retry.MaxRetries = 0;
            }),
            services => services.AddSingleton<ILoadBalancerFactory>(policy));
        mesh.All(Answers.Status(HttpStatusCode.InternalServerError));
        (await mesh.Client.GetAsync(Fleet.Url, token)).Dispose();
        var share = mesh.Catalog().Budget.FailureShare;
        Assert.NotEqual(0, share);

        mesh.All(Answers.Hang);
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(token);
        using (MeshContext.Begin(new MeshContextValues { Timeout = how == "deadline" ? TimeSpan.FromMilliseconds(60) : null }))
        {
            var call = mesh.Client.GetAsync(Fleet.Url, caller.Token);
            if (how == "canceled")
            {
                await caller.CancelAsync();
            }

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => mesh.Advance(call));
        }

        Assert.Equal([false, null], policy.Completed.Select(completed => completed.Attempt.Succeeded));
        Assert.Equal(share, mesh.Catalog().Budget.FailureShare);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    [InlineData(int.MinValue)]
    public void Pick_choice_that_does_not_exist_costs_a_log_line_and_no_call(int choice)
    {
        var balancer = Create(new Scripted(_ => choice));
        var endpoints = TestEndpoint.Many(3);

        var picks = Enumerable.Range(0, 300).Select(_ => balancer.Pick(endpoints, default)).Distinct();

        Assert.Equal(3, picks.Count());
        var line = Assert.Single(_logger.Collector.GetSnapshot());
        Assert.Equal($"The load balancing policy 'Mine' made no choice for service 'orders': it chose {choice} of 3. A random "
            + "endpoint is used; further faults are logged once a minute.", line.Message);
    }

    [Fact]
    public void Pick_exception_costs_a_log_line_a_minute_and_no_call()
    {
        var balancer = Create(new Scripted(_ => throw new InvalidOperationException("lost")));
        var endpoints = TestEndpoint.Many(3);
        for (var i = 0; i < 100; i++)
        {
            balancer.Pick(endpoints, default);
        }

        Assert.Equal("lost", Assert.Single(_logger.Collector.GetSnapshot()).Exception?.Message);
        _time.Advance(TimeSpan.FromSeconds(59));
        balancer.Pick(endpoints, default);
        Assert.Equal(1, _logger.Collector.Count);
        _time.Advance(TimeSpan.FromSeconds(1));
        balancer.Pick(endpoints, default);
        Assert.Equal(2, _logger.Collector.Count);
    }

    [Theory]
    [InlineData(true, "No licence.")]
    [InlineData(false, "Its factory made none.")]
    public void Create_policy_that_cannot_be_made_costs_a_log_line_and_no_call(bool throws, string fault)
    {
        var balancer = Create(new Unmade(throws));
        var endpoints = TestEndpoint.Many(3);

        Assert.Equal(3, Enumerable.Range(0, 100).Select(_ => balancer.Pick(endpoints, default)).Distinct().Count());
        balancer.OnCompleted(
            new EndpointCandidate(endpoints[0], balancer), new CompletedAttempt(TestTime.Second, succeeded: true, TestTime.At(1)));

        var line = Assert.Single(_logger.Collector.GetSnapshot());
        Assert.Equal(1220, line.Id.Id);
        Assert.Equal(fault, line.Exception?.Message);
    }

    [Fact]
    public void Completed_exception_is_logged()
    {
        var balancer = Create(new Scripted(_ => 0) { Failing = () => throw new InvalidOperationException("lost") });
        var attempt = new CompletedAttempt(TestTime.Second, succeeded: true, TestTime.At(1));
        balancer.OnCompleted(new EndpointCandidate(TestEndpoint.At("http://10.0.0.1"), balancer), attempt);
        Assert.Equal(LogLevel.Error, Assert.Single(_logger.Collector.GetSnapshot()).Level);
    }

    [Theory]
    [InlineData("Adaptive")]
    [InlineData("roundrobin")]
    [InlineData(" ")]
    public void Name_that_is_taken_or_empty_is_refused(string name)
    {
        var exception = Assert.Throws<InvalidOperationException>(() => Picking.Catalog(own: new Scripted(_ => 0) { Name = name }));
        Assert.StartsWith($"The load balancing policy '{name}' of {typeof(Scripted).FullName} needs a name of its own. In use are "
            + "Adaptive, LeastRequest, ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void State_is_gone_when_the_service_gets_another_policy()
    {
        using var mesh = Fleet.Of(2, s => s.LoadBalancing.Policy = LoadBalancingPolicies.Random);
        var service = mesh.Catalog();
        var (endpoint, first) = (service.Endpoints.Current.All[0], service.Balancer);
        endpoint.SetState(first, "kept");

        service.Apply(service.Model with { SendContext = false });
        Assert.Equal("kept", endpoint.StateOf(first));

        service.Apply(service.Model with
        {
            Subsets = [SubsetModel.All(service.Model.Policy with { LoadBalancing = LoadBalancingPolicies.RoundRobin })],
        });
        Assert.NotSame(first, service.Balancer);
        Assert.Null(endpoint.StateOf(first));
        Assert.Null(endpoint.StateOf(service.Balancer));
    }

    [Fact]
    public void State_of_several_policies_is_kept_apart()
    {
        var endpoint = TestEndpoint.At("http://10.0.0.1");
        var policies = Enumerable.Range(0, 3).Select(_ => Create(new Scripted(_ => 0))).ToArray();
        var candidates = policies.Select(policy => new EndpointCandidate(endpoint, policy)).ToArray();
        for (var i = 0; i < policies.Length; i++)
        {
            Assert.Null(candidates[i].State);
            candidates[i].State = i;
        }

        candidates[1].State = "other";
        Assert.Equal([0, "other", 2], candidates.Select(candidate => candidate.State));

        endpoint.RemoveState(policies[1]);
        endpoint.RemoveState(policies[1]);
        Assert.Equal([0, null, 2], candidates.Select(candidate => candidate.State));
    }

    [Fact]
    public void State_of_policies_that_race_is_kept()
    {
        for (var round = 0; round < 200; round++)
        {
            var endpoint = TestEndpoint.At("http://10.0.0.1");
            var policies = Enumerable.Range(0, 4).Select(_ => Create(new Scripted(_ => 0))).ToArray();
            endpoint.SetState(policies[0], "leaves");

            Parallel.For(0, 4, i =>
            {
                if (i == 0)
                {
                    endpoint.RemoveState(policies[0]);
                }
                else
                {
                    endpoint.SetState(policies[i], i);
                }
            });

            Assert.Equal([null, 1, 2, 3], policies.Select(endpoint.StateOf));
        }
    }

    [Fact]
    public void Policy_can_be_tested_with_candidates_that_a_test_makes()
    {
        var near = new EndpointCandidate(Described("http://10.0.0.1:8080"), inFlight: 3, latency: TimeSpan.FromMilliseconds(5));
        var far = new EndpointCandidate(
            Described("http://10.0.0.2"), reportedRequests: 7, reportedServiceTime: TimeSpan.FromMilliseconds(9));
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://orders/1");
        var seen = new List<string>();
        var policy = new Scripted(candidates =>
        {
            foreach (var candidate in candidates)
            {
                seen.Add($"{candidate.Name} {candidate.InFlight} {candidate.Latency} {candidate.ReportedRequests} "
                    + $"{candidate.ReportedServiceTime} {candidates.Request!.RequestUri}");
            }

            return candidates.Count - 1;
        });

        Assert.Equal(1, policy.Pick(new EndpointCandidates([near, far], request)));
        policy.OnCompleted(near, new CompletedAttempt(TimeSpan.FromSeconds(1), succeeded: false));

        Assert.Equal(["10.0.0.1:8080 3 00:00:00.0050000   http://orders/1", "10.0.0.2:80 0  7 00:00:00.0090000 http://orders/1"], seen);
        Assert.Equal((false, TimeSpan.FromSeconds(1)), (policy.Completed[0].Attempt.Succeeded, policy.Completed[0].Attempt.Duration));
        Assert.Equal((1, null), (near.State, far.State));
        Assert.Equal(near, policy.Completed[0].Endpoint);
        Assert.NotEqual(near, far);
        Assert.Equal("10.0.0.1:8080", near.ToString());
    }

    [Fact]
    public void Candidate_that_stands_for_no_endpoint_says_so()
    {
        Assert.Equal("none", default(EndpointCandidate).ToString());
        var exception = Assert.Throws<InvalidOperationException>(() => default(EndpointCandidate).Name);
        Assert.StartsWith("This is default(EndpointCandidate)", exception.Message, StringComparison.Ordinal);
    }

    private static EndpointDescription Described(string address) => new() { Address = new Uri(address) };

    private ILoadBalancer Create(ILoadBalancerFactory factory) => Picking.Catalog(_time, _logger, factory).Create(factory.Name, "orders");

    private sealed class Unmade(bool throws) : ILoadBalancerFactory
    {
        public string Name => "Unmade";

        public ILoadBalancer Create(string service) => throws ? throw new InvalidOperationException("No licence.") : null!;
    }

    private sealed class Scripted(Scripted.Choice choose) : ILoadBalancerFactory, ILoadBalancer
    {
        public delegate int Choice(EndpointCandidates candidates);

        public string Name { get; init; } = "Mine";

        public List<string> Services { get; } = [];

        public List<(EndpointCandidate Endpoint, CompletedAttempt Attempt)> Completed { get; } = [];

        public Action? Failing { get; init; }

        public ILoadBalancer Create(string service)
        {
            Services.Add(service);
            return this;
        }

        public int Pick(in EndpointCandidates candidates) => choose(candidates);

        public void OnCompleted(EndpointCandidate endpoint, in CompletedAttempt attempt)
        {
            Failing?.Invoke();
            Completed.Add((endpoint, attempt));
            endpoint.State = Completed.Count;
        }
    }
}
