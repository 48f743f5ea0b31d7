using System.Globalization;

namespace Mesh.Client.Model;

/// <summary>A server's load, sent with each answer: the header <c>mesh-load: rif=3,st=8.2</c>.</summary>
/// <param name="InFlight">Requests that it is working on, without the one that is answered.</param>
/// <param name="ServiceMs">Its own time for a request, milliseconds.</param>
internal readonly record struct LoadReport(int InFlight, float ServiceMs)
{
    public const int MaxInFlight = ushort.MaxValue;
    public const float MaxMs = 3_600_000;

    private const string InFlightKey = "rif=";
    private const string ServiceKey = "st=";

    /// <summary>Reads a header. Unknown keys are ignored; one invalid value makes the whole report invalid.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out LoadReport report)
    {
        var inFlight = -1;
        var service = 0f;
        report = default;
        foreach (var range in text.Split(','))
        {
            var part = text[range].Trim();
            var read = part.StartsWith(InFlightKey, StringComparison.Ordinal)
                ? int.TryParse(part[InFlightKey.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out inFlight)
                : !part.StartsWith(ServiceKey, StringComparison.Ordinal)
                    || float.TryParse(part[ServiceKey.Length..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out service);
            if (!read)
            {
                return false;
            }
        }

        if (inFlight < 0 || service is not (> 0 and <= MaxMs))
        {
            return false;
        }

        report = new LoadReport(Math.Min(inFlight, MaxInFlight), service);
        return true;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{InFlightKey}{InFlight},{ServiceKey}{ServiceMs:0.##}");
}
