using System.Globalization;

namespace Mesh.Client.Eureka.Wire;

/// <summary>Whole numbers as servers write them, and as Netflix's own clients read them.</summary>
internal static class WireNumber
{
    private const NumberStyles Whole = NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite;

    /// <summary>Reads a number and drops its fraction. Some writers of JSON have no whole numbers: 8080.0, 8.08E3.</summary>
    /// <returns>False when it is not a number, or exceeds 64 bits.</returns>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out long value)
    {
        if (long.TryParse(utf8, Whole, CultureInfo.InvariantCulture, out value))
        {
            return true;
        }

        // A double of 2 to the 63rd is the first that does not fit; NaN compares false.
        if (double.TryParse(utf8, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number > long.MinValue && number < long.MaxValue)
        {
            value = (long)number;
            return true;
        }

        value = 0;
        return false;
    }
}
