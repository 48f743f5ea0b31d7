namespace Mesh.Client.Balancing;

/// <summary>Two different places at random: the power of two choices (Mitzenmacher 1996).</summary>
internal static class TwoChoices
{
    /// <param name="random">Where chance comes from.</param>
    /// <param name="count">Of how many; two or more.</param>
    public static (int First, int Second) Of(IRandomSource random, int count)
    {
        var first = random.Next(count);
        var second = random.Next(count - 1);
        return (first, second < first ? second : second + 1);
    }
}
