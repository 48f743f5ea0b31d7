using System.Globalization;

namespace Mesh.Registry.Wire;

/// <summary>Whole numbers as clients write them.</summary>
internal static class WireNumber
{
    private const NumberStyles Whole = NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite;

    /// <summary>Reads a number and drops its fraction. Languages with one type of number write fractions and exponents.</summary>
    /// <returns>False when it is not a number, or exceeds 64 bits.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out long value)
    {
        if (long.TryParse(text, Whole, CultureInfo.InvariantCulture, out value))
        {
            return true;
        }

        // A double of 2 to the 63rd is the first that does not fit; NaN compares false.
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number > long.MinValue && number < long.MaxValue)
        {
            value = (long)number;
            return true;
        }

        value = 0;
        return false;
    }
}
