using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Balancing;

/// <summary>Two different places at random: the power of two choices (Mitzenmacher 1996).</summary>
internal static class TwoChoices
{
    /// <param name="random">Randomness.</param>
    /// <param name="count">The number of places; two or more.</param>
    public static (int First, int Second) Of(IRandomSource random, int count)
    {
        var first = random.Next(count);
        var second = random.Next(count - 1);
        return (first, second < first ? second : second + 1);
    }

    /// <summary>
    /// The better one, unless it has failed more than the other lately. An endpoint that fails at once is never busy and would win every
    /// comparison; here it wins at most half of them, times its success. Each of n endpoints is among the two in 2/n of the choices, so it
    /// gets no more calls than in turn.
    /// </summary>
    /// <param name="random">Randomness.</param>
    /// <param name="candidates">The endpoints.</param>
    /// <param name="better">The place of the endpoint that the policy prefers.</param>
    /// <param name="other">The place of the other.</param>
    public static int Settle(IRandomSource random, in EndpointCandidates candidates, int better, int other)
    {
        var now = candidates.Now;
        var success = candidates.Endpoints[better].Load.Success(now);
        if (!EndpointLoad.HasFailed(success)
            || candidates.Endpoints[other].Load.Success(now) is var success2 && !EndpointLoad.HasFailed(success / success2))
        {
            return better;
        }

        return random.NextDouble() < success / success2 / 2 ? better : other;
    }
}
