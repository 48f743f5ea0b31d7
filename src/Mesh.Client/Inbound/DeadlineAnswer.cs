using Mesh.Client.Context;
using Mesh.Client.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Client.Inbound;

/// <summary>What a caller gets whose deadline is spent. It has most likely given up; the answer is for those in between, and for the records.</summary>
internal static class DeadlineAnswer
{
    private const string DeadlineExceeded = "4";
    private const string GrpcStatus = "grpc-status";

    public static bool IsGrpc(IHeaderDictionary headers) =>
        headers.ContentType is [{ } type, ..] && type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the application answers that it has failed.</summary>
    public static bool IsFailure(IHttpResponseFeature response, bool grpc) =>
        response.StatusCode >= StatusCodes.Status500InternalServerError
        || (grpc && response.Headers.TryGetValue(GrpcStatus, out var status) && status.Count > 0 && status[0] != "0");

    /// <summary>Says to the caller that the failure comes of its own deadline, so that it blames nobody.</summary>
    /// <param name="response">The answer, not begun.</param>
    /// <param name="call">What came with the request.</param>
    public static void Mark(IHttpResponseFeature response, CallContext call)
    {
        // Only who names itself understands headers of the mesh.
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
        var message = when == ServerOutcome.DeadOnArrival ? "The deadline of this request was spent before it arrived." : "The deadline of this request was spent while it was served.";
        if (grpc)
        {
            response.ContentType = "application/grpc";
            response.Headers[GrpcStatus] = DeadlineExceeded;
            response.Headers["grpc-message"] = message;
            return Task.CompletedTask;
        }

        response.StatusCode = StatusCodes.Status504GatewayTimeout;
        response.ContentType = "text/plain";
        return response.WriteAsync(message + "\n", CancellationToken.None);
    }
}
