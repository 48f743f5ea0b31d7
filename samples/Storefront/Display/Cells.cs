using System.Globalization;

namespace Storefront.Display;

/// <summary>How numbers look, everywhere the same.</summary>
internal static class Cells
{
    private const string None = "–";

    public static string Share(double? value) =>
        value is null ? None : string.Create(CultureInfo.InvariantCulture, $"{value * 100:0} %");

    /// <summary>Rounded down: 100 % means all.</summary>
    public static string Success(double? value) =>
        value is null ? None : string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(value.Value * 10_000) / 100:0.##} %");

    public static string Milliseconds(double value) =>
        value == 0 ? None : string.Create(CultureInfo.InvariantCulture, $"{value:0.0} ms");

    public static string State(ServiceState state) => state.ToString().ToLowerInvariant();
}
