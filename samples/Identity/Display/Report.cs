using System.Globalization;
using Identity.Leaks;
using Identity.Roles;

namespace Identity.Display;

/// <summary>Prints which user each service saw, what leaked, and the result.</summary>
internal static class Report
{
    /// <summary>Prints it all.</summary>
    /// <returns>Whether everything came out as it must.</returns>
    public static bool Print(Journey journey, IReadOnlyList<LeakAttempt> attempts, bool naive)
    {
        Console.WriteLine();
        Grid.Print(
            "who saw whom",
            ["service", "user", "called by", "time left", "trace"],
            journey.Sightings.Select(
                sighting => new[]
                {
                    sighting.Service, sighting.User ?? "-", sighting.Caller ?? "-", Time(sighting), sighting.TraceId ?? "-",
                }));
        Console.WriteLine();
        Grid.Print(
            "where the token goes",
            ["", "a call to", "what arrived", "what the caller got", ""],
            attempts.Select(
                (attempt, i) => new[] { Number(i), attempt.Plan.Title, attempt.Arrived, attempt.CallerGot, Verdict(attempt, i) }));
        Console.WriteLine();
        foreach (var (i, attempt) in attempts.Index().Where(attempt => attempt.Item.Result.Message is not null))
        {
            Console.WriteLine($"{Number(i)}  {attempt.Result.Message}");
        }

        Console.WriteLine();
        return PrintVerdict(naive, [.. journey.Checks(), .. attempts.SelectMany(attempt => attempt.Checks())]);
    }

    private static bool PrintVerdict(bool naive, Check[] checks)
    {
        var failed = checks.Where(check => !check.Holds).ToArray();
        Console.WriteLine(failed.Length == 0
            ? $"SUCCESS: {checks.Length} checks hold. The user was seen by every service that may see her, and the token went nowhere else."
            : naive
                ? $"This was the handler that copies headers, where leaks are expected; the exit code stays 0. Of {checks.Length} checks "
                    + "these do not hold:"
                : $"FAILURE: of {checks.Length} checks these do not hold:");
        foreach (var check in failed)
        {
            Console.WriteLine($"  - {check.Text}");
        }

        return failed.Length == 0;
    }

    /// <summary>The leaks have the numbers 1 to 5; the call that is allowed has none.</summary>
    private static string Number(int index) => index == 0 ? "" : index.ToString(CultureInfo.InvariantCulture);

    private static string Verdict(LeakAttempt attempt, int index) =>
        attempt.Leaked ? "LEAK" : !attempt.Checks().All(check => check.Holds) ? "WRONG" : index == 0 ? "allowed" : "no leak";

    private static string Time(Sighting sighting) =>
        sighting.Remaining is { } left ? string.Create(CultureInfo.InvariantCulture, $"{left / 1000:0.000} s") : "-";
}
