using System.Globalization;

namespace Mesh.Client.Discovery;

/// <summary>How old the knowledge of the registry is, at one moment.</summary>
/// <param name="Good">When the last successful fetch began, as a time stamp of the clock; null for none.</param>
/// <param name="Begun">When the last fetch began.</param>
/// <param name="Pause">The time from then to the next fetch, unless a call asks for one.</param>
/// <param name="Failure">The error of the last fetch; null for none.</param>
internal sealed record RegistryReading(long? Good, long Begun, TimeSpan Pause, string? Failure)
{
    /// <summary>Whether asking again would tell nothing new: the answer is younger than calls may ask for.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="outdated">What was read before this time stamp is known to be old.</param>
    public bool IsFresh(TimeProvider time, long outdated) =>
        Good is { } good && good > outdated && time.GetElapsedTime(good) < PollSchedule.BetweenAsked;

    /// <summary>A sentence for messages. The call that needs it has asked for a fetch.</summary>
    public string Describe(TimeProvider time)
    {
        var since = time.GetElapsedTime(Begun);
        if (Failure is not null)
        {
            return $"The registry gives no usable answer: {Failure.TrimEnd('.')}. It is asked again {In(Pause - since)}.";
        }

        var next = (Pause < PollSchedule.BetweenAsked ? Pause : PollSchedule.BetweenAsked) - since;
        return Good is { } good
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"The registry was last read {time.GetElapsedTime(good).TotalSeconds:0.#} s ago and is read again {In(next)}.")
            : "The registry is being read for the first time.";
    }

    private static string In(TimeSpan wait) =>
        wait <= TimeSpan.Zero ? "now" : string.Create(CultureInfo.InvariantCulture, $"in {Math.Ceiling(wait.TotalSeconds):0} s");
}
