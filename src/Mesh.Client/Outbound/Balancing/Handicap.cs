using Mesh.Client.Outbound.Endpoints;

namespace Mesh.Client.Outbound.Balancing;

/// <summary>A factor on the cost of an endpoint that has failed lately.</summary>
/// <remarks>
/// Each factor exceeds any ratio of two costs, so that no queue elsewhere makes up for it: an endpoint that quickly answers with errors is
/// never busy. The endpoint is picked if all others are in the same state.
/// </remarks>
internal static class Handicap
{
    private const double OutOfTurn = 1e15;
    private const double Hopeless = 1e30;

    /// <param name="success">Recent success.</param>
    /// <param name="hopeless">Whether it mostly fails: then only retests reach it.</param>
    /// <param name="hasTurn">Whether a random turn would pick it now: it gets no more calls than by random turns.</param>
    public static double Of(float success, bool hopeless, bool hasTurn) =>
        hopeless ? Hopeless
        : EndpointLoad.HasFailed(success) && !hasTurn ? OutOfTurn
        : 1;
}
