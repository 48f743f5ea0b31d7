using Mesh.Client.Outbound.Balancing;
using Mesh.Client.Outbound.Endpoints;

namespace Mesh.Client.Tests.Outbound.Balancing;

public sealed class PeakEwmaBalancerTests
{
    private const long Second = 1_000_000;

    private readonly PeakEwmaBalancer _balancer = new(new SeededRandom(5));
    private readonly Endpoint[] _endpoints = TestEndpoint.Many(2);

    [Fact]
    public void Pick_lower_latency_times_requests_wins()
    {
        Answered(_endpoints[0], 0, 10);
        Answered(_endpoints[1], 0, 25);
        Assert.Equal(100, Count(0)[_endpoints[0]]);

        // 10 x 3 is more than 25 x 1.
        _endpoints[0].Load.Enter(0);
        _endpoints[0].Load.Enter(0);
        Assert.Equal(100, Count(0)[_endpoints[1]]);
    }

    [Fact]
    public void Pick_endpoint_that_fails_fast_draws_nothing()
    {
        Answered(_endpoints[1], 0, 100);
        _balancer.Completed(new EndpointCandidate(_endpoints[0]), new CompletedAttempt(1_000, succeeded: false, 0));
        Assert.Equal(100, Count(Second)[_endpoints[1]]);
    }

    [Fact]
    public void Pick_failure_that_took_longer_than_five_seconds_counts_in_full()
    {
        Answered(_endpoints[1], 0, 6_000);
        _balancer.Completed(new EndpointCandidate(_endpoints[0]), new CompletedAttempt(8 * Second, succeeded: false, 0));
        Assert.Equal(100, Count(0)[_endpoints[1]]);
    }

    [Fact]
    public void Pick_latency_jumps_up_at_once_and_fades()
    {
        Answered(_endpoints[0], 0, 10);
        Answered(_endpoints[1], 0, 20);
        Answered(_endpoints[0], 0, 200);
        Assert.Equal(100, Count(0)[_endpoints[1]]);

        // Idle for half a minute: 200 ms have faded to 10, those of the other, which goes on answering, have not.
        Answered(_endpoints[1], 30 * Second, 20);
        Assert.Equal(100, Count(30 * Second)[_endpoints[0]]);
    }

    [Fact]
    public void Pick_new_endpoint_gets_one_request_until_it_has_answered()
    {
        Answered(_endpoints[0], 0, 10);
        for (var i = 0; i < 50; i++)
        {
            _balancer.Pick(_endpoints, 0).Load.Enter(0);
        }

        Assert.Equal(1, _endpoints[1].Load.InFlight);
    }

    [Fact]
    public void Completed_what_the_caller_ended_took_at_least_so_long()
    {
        Answered(_endpoints[0], 0, 10);
        Answered(_endpoints[1], 0, 20);
        Ended(_endpoints[1], 0, 5);
        Ended(_endpoints[0], 0, 9);
        Assert.Equal(100, Count(0)[_endpoints[0]]);

        Ended(_endpoints[0], 0, 250);
        Assert.Equal(100, Count(0)[_endpoints[1]]);
    }

    [Fact]
    public void Completed_endpoint_that_never_answers_draws_nothing_although_callers_give_up()
    {
        Answered(_endpoints[0], 0, 20);
        Ended(_endpoints[1], 0, 250);
        Assert.Equal(100, Count(0)[_endpoints[0]]);
    }

    private void Ended(Endpoint endpoint, long now, int milliseconds) =>
        _balancer.Completed(new EndpointCandidate(endpoint), new CompletedAttempt(milliseconds * 1_000, succeeded: null, now));

    private void Answered(Endpoint endpoint, long now, int milliseconds) =>
        _balancer.Completed(new EndpointCandidate(endpoint), new CompletedAttempt(milliseconds * 1_000, succeeded: true, now));

    private Dictionary<Endpoint, int> Count(long now) =>
        Enumerable.Range(0, 100).Select(_ => _balancer.Pick(_endpoints, now)).CountBy(e => e).ToDictionary();
}
