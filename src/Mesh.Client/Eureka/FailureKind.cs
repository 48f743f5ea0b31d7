using System.Globalization;
using System.Text.Json;
using Mesh.Client.Eureka.Wire;

namespace Mesh.Client.Eureka;

/// <summary>Classifies failures by what an operator would do about them. The text of a failure has more detail, and changes more
/// often.</summary>
internal static class FailureKind
{
    /// <summary>The kind of a failed attempt at one server, or of a whole request.</summary>
    public static string Of(Exception failure) => failure switch
    {
        EurekaException { Kinds: { Length: > 0 } kinds } => kinds,
        EurekaException { Status: > 0 and var status } => status.ToString(CultureInfo.InvariantCulture),
        OperationCanceledException => "timeout",

        // An untrusted certificate stays untrusted, however long one waits.
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "TLS",
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError
                or HttpRequestError.VersionNegotiationError or HttpRequestError.ConfigurationLimitExceeded,
        } => "unusable",

        // One server that stops shows all of these in turn: its name disappears, connections are cut, then refused.
        HttpRequestException or IOException => "no connection",
        EurekaException or JsonException or InvalidDataException => "unusable",

        // A fault in this package.
        _ => failure.GetType().Name,
    };

    /// <summary>The kind of a request that failed at all servers. Their order does not count: it changes with the quarantine.</summary>
    public static string Of(IEnumerable<string> kinds) => string.Join(", ", kinds.Distinct().Order(StringComparer.Ordinal));
}
