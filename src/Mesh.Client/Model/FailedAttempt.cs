using System.Globalization;
using Mesh.Client.Primitives;

namespace Mesh.Client;

/// <summary>An attempt of a call that failed, as the exception of the call tells it.</summary>
public sealed record FailedAttempt
{
    /// <summary>Host and port of the endpoint.</summary>
    public required string Endpoint { get; init; }

    /// <summary>How the attempt ended, by the names of the tag <c>mesh.outcome</c>, such as <c>connect_failure</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>What happened, for people: <c>HTTP 503</c>, or <c>connect_failure (Connection refused)</c>. Do not parse it.</summary>
    public required string Failure { get; init; }

    /// <summary>The time until it failed.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The attempt as it stands in the message of the exception.</summary>
    /// <returns>Endpoint, failure and duration.</returns>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Endpoint}: {Failure} after {Duration.WholeMilliseconds()} ms");
}
