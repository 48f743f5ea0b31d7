using System.Globalization;
using System.Net.Http.Headers;
using Mesh.Client.Primitives;

namespace Mesh.Client.Model;

/// <summary>The status of a gRPC call, and its outcome. Source: the gRPC protocol over HTTP/2, and its list of status codes.</summary>
internal static class GrpcStatus
{
    public const string Header = "grpc-status";
    public const string MessageHeader = "grpc-message";

    public const int Unknown = 2;
    public const int DeadlineExceeded = 4;
    public const int ResourceExhausted = 8;
    public const int Internal = 13;
    public const int Unavailable = 14;
    public const int DataLoss = 15;
    public const int Unauthenticated = 16;

    private static readonly string[] Names =
    [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
        "UNAUTHENTICATED",
    ];

    /// <summary>The value of <c>rpc.response.status_code</c>.</summary>
    public static string Name(int status) =>
        (uint)status < (uint)Names.Length ? Names[status] : status.ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether something other than a gRPC server has answered: a page, or a redirect that gRPC does not follow. Callers see it as
    /// a failure, and it comes quickly.</summary>
    /// <remarks>Statuses of 400 and above have their own rules, and 307 and 308 may lead to the same service.</remarks>
    public static bool IsForeign(HttpResponseMessage response) =>
        (int)response.StatusCode is >= 300 and < 307
        || ((int)response.StatusCode < 300
            && response.Content.Headers.ContentType?.MediaType is { } type
            && !type.StartsWith(GrpcRequest.MediaType, StringComparison.OrdinalIgnoreCase));

    /// <returns>Null where there is none; <see cref="Unknown"/> for an unreadable one.</returns>
    public static int? Of(HttpHeaders headers)
    {
        if (!headers.NonValidated.TryGetValues(Header, out var values))
        {
            return null;
        }

        return int.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? status : Unknown;
    }

    /// <summary>The status after a body that was read to its end. A server that sends none has not ended the call properly.</summary>
    public static int OfTrailers(HttpResponseMessage response) => Of(response.TrailingHeaders) ?? Unknown;

    /// <summary>What a status says about the endpoint.</summary>
    /// <param name="status">As the server sent it.</param>
    /// <param name="response">Its answer.</param>
    /// <param name="deadlineSpent">Whether the deadline of the whole call has passed.</param>
    public static CallOutcome Outcome(int status, HttpResponseMessage response, bool deadlineSpent) => status switch
    {
        ResourceExhausted => CallOutcome.Overloaded,
        Unavailable when response.Headers.NonValidated.Contains(MeshHeaders.Overloaded) => CallOutcome.Overloaded,
        // UNKNOWN is a server's status for an exception of its application: the 500 of gRPC.
        Unavailable or Internal or Unknown or DataLoss => CallOutcome.UpstreamError,
        DeadlineExceeded => deadlineSpent ? CallOutcome.Deadline : CallOutcome.UpstreamError,
        // An answer of the application, or a fault of the request.
        _ => CallOutcome.Ok,
    };
}
