namespace Mesh.Client.Primitives;

/// <summary>Randomness of the data path; seeded in tests and simulations.</summary>
internal interface IRandomSource
{
    /// <summary>A whole number from 0 up to, not including, <paramref name="exclusiveMax"/>.</summary>
    int Next(int exclusiveMax);

    /// <summary>A number from 0 up to, not including, 1.</summary>
    double NextDouble();
}
