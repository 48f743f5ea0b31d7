using System.Security.Cryptography;
using CsCheck;

namespace Mesh.Properties;

/// <summary>
/// Property tests whose every sample is the same in each run: a build that fails tells of a change, not of chance. (The <c>seed</c> of
/// CsCheck's own <c>Sample</c> is that of the first sample only.) With <see cref="Variable"/> set to <c>random</c> the samples are new
/// ones, to look for what the fixed ones miss; a seed that a failure names repeats its sample. A finding becomes a case of its own.
/// </summary>
internal static class Property
{
    public const string Variable = "MESH_PROPERTY_SEED";

    private const ulong FixedSeed = 0x6D65_7368;

    /// <param name="samples">Makes the values.</param>
    /// <param name="assert">Throws where one breaks the rule.</param>
    /// <param name="count">How many values are tried.</param>
    public static void Check<T>(this Gen<T> samples, Action<T> assert, int count = 100)
    {
        var wanted = Environment.GetEnvironmentVariable(Variable);
        if (wanted is { Length: > 0 } and not "random")
        {
            Try(samples, assert, PCG.Parse(wanted));
            return;
        }

        var seed = wanted is "random" ? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) : FixedSeed;
        for (var i = 0; i < count; i++)
        {
            Try(samples, assert, new PCG((uint)i, seed));
        }
    }

    /// <param name="samples">Makes the values.</param>
    /// <param name="holds">Whether one keeps the rule.</param>
    /// <param name="count">How many values are tried.</param>
    public static void Check<T>(this Gen<T> samples, Func<T, bool> holds, int count = 100) =>
        samples.Check(value => Assert.True(holds(value)), count);

    public static void Check<T1, T2>(this Gen<(T1 First, T2 Second)> samples, Action<T1, T2> assert, int count = 100) =>
        samples.Check(value => assert(value.First, value.Second), count);

    public static void Check<T1, T2, T3>(this Gen<(T1 First, T2 Second, T3 Third)> samples, Action<T1, T2, T3> assert, int count = 100) =>
        samples.Check(value => assert(value.First, value.Second, value.Third), count);

    public static void Check<T1, T2, T3, T4>(
        this Gen<(T1 First, T2 Second, T3 Third, T4 Fourth)> samples, Action<T1, T2, T3, T4> assert, int count = 100) =>
        samples.Check(value => assert(value.First, value.Second, value.Third, value.Fourth), count);

    private static void Try<T>(Gen<T> samples, Action<T> assert, PCG random)
    {
        var seed = random.ToString();
        var value = samples.Generate(random, null, out _);
        try
        {
            assert(value);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"A sample breaks the rule. {Variable}={seed} repeats it: "
                + $"{CsCheck.Check.Print(value)}", exception);
        }
    }
}
