using Mesh.Client.Calls;
using Mesh.Client.Context;
using Mesh.Client.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Client.Inbound;

/// <summary>The answer to a request whose deadline has passed. The caller has probably given up; the
/// answer is for intermediaries and logs.</summary>
internal static class DeadlineAnswer
{
    private const string DeadlineExceeded = "4";
    private const string WhileServed = "The deadline of this request was spent while it was served.";

    public static bool IsGrpc(IHeaderDictionary headers) =>
        headers.ContentType is [{ } type, ..] && type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase);

    /// <summary>Ends a gRPC stream that was cut: what the application, told to stop, has thrown reads as a failure of its own.</summary>
    public static void EndStream(HttpContext context)
    {
        if (context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers is not { IsReadOnly: false } trailers)
        {
            return;
        }

        // No status, CANCELLED or UNKNOWN: a consequence. Any other is the application's word.
        if (trailers.TryGetValue(GrpcStatus.Header, out var status) && status != "1" && status != "2")
        {
            return;
        }

        ServerTelemetry.Answered(context, ServerOutcome.Deadline);
        trailers[GrpcStatus.Header] = DeadlineExceeded;
        trailers[GrpcStatus.MessageHeader] = WhileServed;
    }

    /// <summary>Whether the application answers that it has failed.</summary>
    public static bool IsFailure(IHttpResponseFeature response, bool grpc) =>
        response.StatusCode >= StatusCodes.Status500InternalServerError
        || (grpc && response.Headers.TryGetValue(GrpcStatus.Header, out var status) && status.Count > 0 && status[0] != "0");

    /// <summary>Tells the caller that its own deadline caused the failure, so that it counts against no endpoint.</summary>
    /// <param name="response">The answer, not begun.</param>
    /// <param name="call">What came with the request.</param>
    public static void Mark(IHttpResponseFeature response, CallContext call)
    {
        // Only callers that name themselves understand headers of the mesh.
        if (call.Caller is not null)
        {
            response.Headers[MeshHeaders.Outcome] = MeshHeaders.DeadlineOutcome;
        }
    }

    /// <param name="context">The request; its answer has not begun.</param>
    /// <param name="call">What came with it.</param>
    /// <param name="grpc">Whether to answer as gRPC does: 200, and the status in a header.</param>
    /// <param name="when">Before the request arrived, or while it was served.</param>
    public static Task WriteAsync(HttpContext context, CallContext call, bool grpc, ServerOutcome when)
    {
        ServerTelemetry.Answered(context, when);
        var response = context.Response;
        response.Clear();
        Mark(context.Features.Response(), call);
        var message = when == ServerOutcome.DeadOnArrival ? "The deadline of this request was spent before it arrived." : WhileServed;
        if (grpc)
        {
            response.ContentType = "application/grpc";
            response.Headers[GrpcStatus.Header] = DeadlineExceeded;
            response.Headers[GrpcStatus.MessageHeader] = message;
            return Task.CompletedTask;
        }

        response.StatusCode = StatusCodes.Status504GatewayTimeout;
        response.ContentType = "text/plain";
        return response.WriteAsync(message + "\n", CancellationToken.None);
    }
}
