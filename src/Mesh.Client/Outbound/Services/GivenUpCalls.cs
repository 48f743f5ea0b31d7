using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Services;

/// <summary>Notices that callers give up calls while an endpoint is silent: with an <c>HttpClient.Timeout</c> shorter than that of the
/// service, the mesh neither repeats such a call nor learns that the endpoint hangs.</summary>
internal sealed class GivenUpCalls
{
    /// <summary>As many as eject an endpoint where the mesh itself gives up.</summary>
    private const int Enough = 5;

    /// <summary>Who gives up sooner than this has lost interest.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private Endpoint? _silent;
    private MeshTime _since;
    private int _count;
    private bool _told;

    /// <summary>A call was given up by its caller before there was an answer.</summary>
    /// <param name="endpoint">Where it waited.</param>
    /// <param name="start">When it was sent.</param>
    /// <param name="now">When it was given up.</param>
    /// <returns>True once, when there have been enough of them in a row at one endpoint, which has answered nothing meanwhile.</returns>
    public bool Note(Endpoint endpoint, MeshTime start, MeshTime now)
    {
        if (now - start < Patience || endpoint.Health.AnsweredAt >= start)
        {
            return false;
        }

        lock (_gate)
        {
            if (endpoint != _silent || endpoint.Health.AnsweredAt >= _since)
            {
                (_silent, _since, _count) = (endpoint, start, 0);
            }

            if (++_count < Enough || _told)
            {
                return false;
            }

            return _told = true;
        }
    }
}
