namespace Mesh.Client.Outbound.Balancing.Locality;

/// <summary>How the priority levels share the calls: the first has them all while most of it is usable, the next one takes what it cannot,
/// and so on. As in Envoy.</summary>
internal static class PriorityShares
{
    /// <summary>A level is assumed to have this much more capacity than it needs: it takes all calls while at least 1/1.4 of it (71 %) is
    /// usable.</summary>
    private const double Overprovisioning = 1.4;

    /// <param name="levels">The number of endpoints of each level, and of usable ones; the highest level first.</param>
    /// <param name="covered">Whether the usable endpoints suffice for all calls.</param>
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
            // All levels together have too little capacity: the usable endpoints carry everything, in proportion.
            for (var i = 0; i < shares.Length; i++)
            {
                shares[i] /= 1 - left;
            }
        }

        return shares;
    }
}
