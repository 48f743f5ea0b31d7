using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Mesh.Client.Model;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>The answer for gRPC callers to a call that failed without one: the status that they expect, with the mesh's text as its
/// detail.</summary>
/// <remarks>They would see an exception as INTERNAL or CANCELLED, and without its text: retry policies and handlers look for UNAVAILABLE
/// and DEADLINE_EXCEEDED.</remarks>
internal static class GrpcAnswer
{
    /// <summary>Longer details may exceed the caller's limit for headers.</summary>
    private const int MaxDetailLength = 2_000;

    /// <summary>The answer of a call that has none; throws the caller's own exceptions: its cancellation, and what its request content has
    /// thrown.</summary>
    public static HttpResponseMessage For(Call call)
    {
        var last = call.Last;
        return StatusOf(last.Outcome) is { } status ? Make(call.Request, status, Detail(last.Exception!)) : last.GetOrThrow();
    }

    /// <summary>The answer where no call has begun.</summary>
    /// <returns>Null when it is not a gRPC request.</returns>
    public static HttpResponseMessage? For(HttpRequestMessage request, HttpRequestException refused) =>
        GrpcRequest.Is(request) ? Make(request, GrpcStatus.Unavailable, refused.Message) : null;

    /// <summary>The gRPC status for a failure reported by the mesh itself; null if the caller gets the exception.</summary>
    public static int? StatusOf(CallOutcome outcome) => outcome switch
    {
        CallOutcome.NoEndpoint or CallOutcome.CircuitOpen or CallOutcome.ConnectFailure or CallOutcome.UpstreamReset
            or CallOutcome.UpstreamError => GrpcStatus.Unavailable,
        CallOutcome.Timeout or CallOutcome.Deadline => GrpcStatus.DeadlineExceeded,
        CallOutcome.TokenFailure => GrpcStatus.Unauthenticated,
        CallOutcome.Overloaded => GrpcStatus.ResourceExhausted,
        _ => null,
    };

    private static string Detail(Exception exception) =>
        exception.GetType() != typeof(HttpRequestException) && exception.Data[FailedAttempts.Key] is FailedAttempts tried
            ? $"{exception.Message} ({tried})"
            : exception.Message;

    private static HttpResponseMessage Make(HttpRequestMessage request, int status, string detail)
    {
        var content = new ByteArrayContent([]);
        content.Headers.ContentType = new MediaTypeHeaderValue(GrpcRequest.MediaType);
        var response = new HttpResponseMessage(HttpStatusCode.OK)
        {
            Version = HttpVersion.Version20,
            RequestMessage = request,
            Content = content,
        };
        response.Headers.Add(GrpcStatus.Header, status.ToString(CultureInfo.InvariantCulture));
        response.Headers.Add(GrpcStatus.MessageHeader, Encode(detail));
        return response;
    }

    /// <summary>Percent-encoded as in the protocol: visible ASCII and spaces stay, except for the percent sign.</summary>
    internal static string Encode(string text)
    {
        var encoded = new StringBuilder(text.Length + 16);
        foreach (var unit in Encoding.UTF8.GetBytes(text.Length > MaxDetailLength ? text[..MaxDetailLength] : text))
        {
            if (unit is >= 0x20 and <= 0x7E and not (byte)'%')
            {
                encoded.Append((char)unit);
            }
            else
            {
                encoded.Append(CultureInfo.InvariantCulture, $"%{unit:X2}");
            }
        }

        return encoded.ToString();
    }
}
