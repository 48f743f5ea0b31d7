using Mesh.Client.Primitives;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Mesh.Client.Registration;

/// <summary>Why a health check is unhealthy.</summary>
/// <param name="Kind">What happened, without details that may differ each time.</param>
/// <param name="Reason">In the words of the check or of the exception: one short line; null where there is none.</param>
internal sealed record HealthFault(string Kind, string? Reason)
{
    public static HealthFault Said(in HealthCheckResult result) => new("said", Line(result.Description) ?? Text(result.Exception));

    /// <summary>It failed, or could not be made.</summary>
    public static HealthFault Thrown(Exception failure) => new("thrown", Text(failure));

    /// <summary>The limit is a setting, so it is part of the kind.</summary>
    public static HealthFault TooSlow(TimeSpan limit, string setting)
    {
        var reason = $"no result within {limit}, {setting}";
        return new HealthFault(reason, reason);
    }

    private static string? Text(Exception? failure) =>
        failure is null ? null : Line(failure.Message) is { } message ? $"{failure.GetType().Name}: {message}" : failure.GetType().Name;

    /// <summary>The first line that has a text, without the stop at its end: the sentence around it goes on.</summary>
    private static string? Line(string? text)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.Trim() is { Length: > 0 } words)
            {
                return Printable.Of(words.TrimEnd('.').ToString());
            }
        }

        return null;
    }
}
