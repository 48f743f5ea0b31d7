using System.Globalization;
using System.Text.Json;
using Mesh.Client.Eureka.Wire;

namespace Mesh.Client.Eureka;

/// <summary>What an operator would do something else about. The text of a failure says more, and changes more often.</summary>
internal static class FailureKind
{
    /// <summary>The kind of a failed attempt at one server, or of a whole request.</summary>
    public static string Of(Exception failure) => failure switch
    {
        EurekaException { Kinds: { Length: > 0 } kinds } => kinds,
        EurekaException { Status: > 0 and var status } => status.ToString(CultureInfo.InvariantCulture),
        OperationCanceledException => "timeout",

        // A certificate that is not trusted stays so, however long one waits.
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "TLS",
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError
                or HttpRequestError.VersionNegotiationError or HttpRequestError.ConfigurationLimitExceeded,
        } => "unusable",

        // Names go, connections are cut and are then refused: one server that stops.
        HttpRequestException or IOException => "no connection",
        EurekaException or JsonException or InvalidDataException => "unusable",

        // A fault of our own.
        _ => failure.GetType().Name,
    };

    /// <summary>The kind of a request that all servers have failed. Their order is no part of it: it changes with the quarantine.</summary>
    public static string Of(IEnumerable<string> kinds) => string.Join(", ", kinds.Distinct().Order(StringComparer.Ordinal));
}
