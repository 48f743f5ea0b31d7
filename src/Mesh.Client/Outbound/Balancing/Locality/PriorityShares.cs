namespace Mesh.Client.Outbound.Balancing.Locality;

/// <summary>How the levels of priority share the calls: the first has them all while most of it is usable, the next what it cannot take,
/// and so on. As Envoy does it.</summary>
internal static class PriorityShares
{
    /// <summary>A level is taken to have this much more room than it needs: it has all calls while at
    /// least 1/1.4 of it (71 %) is usable.</summary>
    private const double Overprovisioning = 1.4;

    /// <param name="levels">How many endpoints each level has, and how many of them are usable; the highest first.</param>
    /// <param name="covered">Whether what is usable suffices for all calls.</param>
    /// <returns>The share of each level; all are 0 when nothing is usable.</returns>
    public static double[] Of(ReadOnlySpan<(int Count, int Usable)> levels, out bool covered)
    {
        var shares = new double[levels.Length];
        var left = 1.0;
        for (var i = 0; i < levels.Length; i++)
        {
            var room = levels[i].Count == 0 ? 0 : Math.Min(1.0, Overprovisioning * levels[i].Usable / levels[i].Count);
            shares[i] = Math.Min(left, room);
            left -= shares[i];
        }

        covered = left <= 0;
        if (!covered && left < 1)
        {
            // All together have too little room: what there is carries everything, in proportion.
            for (var i = 0; i < shares.Length; i++)
            {
                shares[i] /= 1 - left;
            }
        }

        return shares;
    }
}
