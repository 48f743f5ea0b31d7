using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Services;

/// <summary>Closes the connections of a removed endpoint after their last use.</summary>
internal sealed class RetiredEndpoint
{
    // Longer than any call may take between reading a snapshot and entering the endpoint.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly Endpoint _endpoint;
    private readonly ITimer _timer;

    public RetiredEndpoint(Endpoint endpoint, TimeProvider time)
    {
        _endpoint = endpoint;

        // The timer must not keep the context of the request that happened to refresh the list.
        _timer = time.CreateUnboundTimer(
            static state => ((RetiredEndpoint)state!).Check(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(Period, Period);
    }

    private void Check()
    {
        if (_endpoint.Load.InFlight == 0)
        {
            _timer.Dispose();
            _endpoint.CloseConnections(forGood: true);
        }
    }
}
