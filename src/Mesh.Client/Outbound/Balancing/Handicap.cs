using Mesh.Client.Outbound.Endpoints;

namespace Mesh.Client.Outbound.Balancing;

/// <summary>What is put on the cost of an endpoint that has failed lately.</summary>
/// <remarks>
/// Each factor is above any ratio of two costs, so that no queue elsewhere makes up for it: an endpoint that answers quickly and wrongly is
/// never busy. It is chosen when all others are in the same state.
/// </remarks>
internal static class Handicap
{
    private const double OutOfTurn = 1e15;
    private const double Hopeless = 1e30;

    /// <param name="success">Recent success.</param>
    /// <param name="hopeless">Whether it mostly fails: only retests reach it then.</param>
    /// <param name="hasTurn">Whether blind turns would choose it now: it gets no more calls than those would give it.</param>
    public static double Of(float success, bool hopeless, bool hasTurn) =>
        hopeless ? Hopeless
        : EndpointLoad.HasFailed(success) && !hasTurn ? OutOfTurn
        : 1;
}
