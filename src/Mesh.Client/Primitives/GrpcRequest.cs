using System.Globalization;
using System.Net;

namespace Mesh.Client.Primitives;

/// <summary>Reads the gRPC headers of a request.</summary>
internal static class GrpcRequest
{
    public const string TimeoutHeader = "grpc-timeout";
    public const string PreviousAttemptsHeader = "grpc-previous-rpc-attempts";

    public const string MediaType = "application/grpc";

    /// <summary>Whether it is a gRPC request. Not gRPC-Web, which has a protocol of its own.</summary>
    public static bool Is(HttpRequestMessage request) =>
        request.Content is { } content
        && request.Version >= HttpVersion.Version20
        && content.Headers.ContentType?.MediaType is { } type
        && IsType(type);

    /// <summary>Whether a content type is that of gRPC.</summary>
    /// <param name="type">With or without parameters.</param>
    public static bool IsType(ReadOnlySpan<char> type) =>
        type.StartsWith(MediaType, StringComparison.OrdinalIgnoreCase)
        && (type.Length == MediaType.Length || type[MediaType.Length] is '+' or ';' or ' ');

    /// <summary>The time that the caller allows for the whole call.</summary>
    /// <returns>Null without one, or for an invalid one.</returns>
    public static TimeSpan? Timeout(HttpRequestMessage request) =>
        request.Headers.NonValidated.TryGetValues(TimeoutHeader, out var values) ? ParseTimeout(values.ToString()) : null;

    /// <summary>Whether the caller's own retry policy repeats the call.</summary>
    public static bool IsRetry(HttpRequestMessage request) => request.Headers.NonValidated.Contains(PreviousAttemptsHeader);

    /// <summary>At most eight digits and a unit, as the protocol has it.</summary>
    internal static TimeSpan? ParseTimeout(ReadOnlySpan<char> text)
    {
        if (text.Length is < 2 or > 9 || !long.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return null;
        }

        return text[^1] switch
        {
            'H' => new TimeSpan(value * TimeSpan.TicksPerHour),
            'M' => new TimeSpan(value * TimeSpan.TicksPerMinute),
            'S' => new TimeSpan(value * TimeSpan.TicksPerSecond),
            'm' => new TimeSpan(value * TimeSpan.TicksPerMillisecond),
            'u' => new TimeSpan(value * TimeSpan.TicksPerMicrosecond),
            'n' => new TimeSpan(value / 1_000 * TimeSpan.TicksPerMicrosecond),
            _ => null,
        };
    }
}
