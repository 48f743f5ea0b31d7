using System.Globalization;

namespace Mesh.Client.Model;

/// <summary>The statuses that count against the endpoint that answers with them: a bit for each.</summary>
/// <param name="ClientErrors">400 to 499.</param>
/// <param name="ServerErrors">500 to 599.</param>
internal readonly record struct FailureStatuses(UInt128 ClientErrors, UInt128 ServerErrors)
{
    public const string DefaultText = "500, 502-504, 506-599";
    private const int Min = 400;
    private const int Hundred = 100;
    private const int Max = Min + (2 * Hundred) - 1;

    /// <summary>5xx without 501 and 505: "I never do this" is an answer.</summary>
    public static FailureStatuses Default { get; } = Of(DefaultText.Split(", "));

    /// <param name="texts">Each a status, a range or a class; others are ignored.</param>
    public static FailureStatuses Of(IEnumerable<string?> texts)
    {
        var client = UInt128.Zero;
        var server = UInt128.Zero;
        foreach (var text in texts)
        {
            if (!TryRead(text, out var from, out var to))
            {
                continue;
            }

            for (var status = from; status <= to; status++)
            {
                if (status < Min + Hundred)
                {
                    client |= UInt128.One << (status - Min);
                }
                else
                {
                    server |= UInt128.One << (status - Min - Hundred);
                }
            }
        }

        return new(client, server);
    }

    /// <summary>Reads <c>404</c>, <c>500-504</c> or <c>4xx</c>.</summary>
    /// <returns>False when it is none of these, or not between 400 and 599.</returns>
    public static bool TryRead(string? text, out int from, out int to)
    {
        from = to = 0;
        if (text is ['4' or '5', 'x' or 'X', 'x' or 'X'])
        {
            from = (text[0] - '0') * Hundred;
            to = from + Hundred - 1;
            return true;
        }

        var dash = text?.IndexOf('-') ?? -1;
        return TryStatus(dash < 0 ? text : text.AsSpan(0, dash).Trim(), out from)
            && TryStatus(dash < 0 ? text : text.AsSpan(dash + 1).Trim(), out to)
            && from <= to;
    }

    /// <summary>A status beyond all classes counts as 500 does (RFC 9110, 15).</summary>
    public bool Contains(int status) => status > Max ? Contains(Min + Hundred) : status >= Min
        && (status < Min + Hundred ? ClientErrors >> (status - Min) : ServerErrors >> (status - Min - Hundred)) is var bits
        && !UInt128.IsEvenInteger(bits);

    private static bool TryStatus(ReadOnlySpan<char> text, out int status) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out status) && status is >= Min and <= Max;
}
