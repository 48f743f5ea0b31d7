using Mesh.Client.Outbound.Balancing;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;
using static Mesh.Client.Tests.TestTime;

namespace Mesh.Client.Tests.Outbound.Balancing;

public sealed class PeakEwmaBalancerTests
{
    private readonly PeakEwmaBalancer _balancer = new(new SeededRandom(5));
    private readonly Endpoint[] _endpoints = TestEndpoint.Many(2);

    [Fact]
    public void Pick_lower_latency_times_requests_wins()
    {
        Answered(_endpoints[0], At(0), 10);
        Answered(_endpoints[1], At(0), 25);
        Assert.Equal(100, Count(At(0))[_endpoints[0]]);

        // 10 x 3 is more than 25 x 1.
        _endpoints[0].Load.Enter(At(0));
        _endpoints[0].Load.Enter(At(0));
        Assert.Equal(100, Count(At(0))[_endpoints[1]]);
    }

    [Fact]
    public void Pick_endpoint_that_fails_fast_draws_nothing()
    {
        Answered(_endpoints[1], At(0), 100);
        _balancer.OnCompleted(
            new EndpointCandidate(_endpoints[0], _balancer), new CompletedAttempt(Milliseconds(1), succeeded: false, At(0)));
        Assert.Equal(100, Count(At(1))[_endpoints[1]]);
    }

    [Fact]
    public void Pick_failure_that_took_longer_than_five_seconds_counts_in_full()
    {
        Answered(_endpoints[1], At(0), 6_000);
        _balancer.OnCompleted(new EndpointCandidate(_endpoints[0], _balancer), new CompletedAttempt(8 * Second, succeeded: false, At(0)));
        Assert.Equal(100, Count(At(0))[_endpoints[1]]);
    }

    [Fact]
    public void Pick_latency_jumps_up_at_once_and_fades()
    {
        Answered(_endpoints[0], At(0), 10);
        Answered(_endpoints[1], At(0), 20);
        Answered(_endpoints[0], At(0), 200);
        Assert.Equal(100, Count(At(0))[_endpoints[1]]);

        // Idle for half a minute: 200 ms have faded to 10, those of the other, which goes on answering, have not.
        Answered(_endpoints[1], At(30), 20);
        Assert.Equal(100, Count(At(30))[_endpoints[0]]);
    }

    [Fact]
    public void Pick_new_endpoint_gets_one_request_until_it_has_answered()
    {
        Answered(_endpoints[0], At(0), 10);
        for (var i = 0; i < 50; i++)
        {
            _balancer.Pick(_endpoints, At(0)).Load.Enter(At(0));
        }

        Assert.Equal(1, _endpoints[1].Load.InFlight);
    }

    [Fact]
    public void Completed_what_the_caller_ended_took_at_least_so_long()
    {
        Answered(_endpoints[0], At(0), 10);
        Answered(_endpoints[1], At(0), 20);
        Ended(_endpoints[1], At(0), 5);
        Ended(_endpoints[0], At(0), 9);
        Assert.Equal(100, Count(At(0))[_endpoints[0]]);

        Ended(_endpoints[0], At(0), 250);
        Assert.Equal(100, Count(At(0))[_endpoints[1]]);
    }

    [Fact]
    public void Completed_endpoint_that_never_answers_draws_nothing_although_callers_give_up()
    {
        Answered(_endpoints[0], At(0), 20);
        Ended(_endpoints[1], At(0), 250);
        Assert.Equal(100, Count(At(0))[_endpoints[0]]);
    }

    private void Ended(Endpoint endpoint, MeshTime now, int milliseconds) =>
        _balancer.OnCompleted(
            new EndpointCandidate(endpoint, _balancer), new CompletedAttempt(Milliseconds(milliseconds), succeeded: null, now));

    private void Answered(Endpoint endpoint, MeshTime now, int milliseconds) =>
        _balancer.OnCompleted(
            new EndpointCandidate(endpoint, _balancer), new CompletedAttempt(Milliseconds(milliseconds), succeeded: true, now));

    private Dictionary<Endpoint, int> Count(MeshTime now) =>
        Enumerable.Range(0, 100).Select(_ => _balancer.Pick(_endpoints, now)).CountBy(e => e).ToDictionary();
}
