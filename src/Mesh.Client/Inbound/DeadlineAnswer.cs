using Mesh.Client.Telemetry;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Inbound;

/// <summary>What a caller gets whose deadline is spent. It has most likely given up; the answer is for those in between, and for the records.</summary>
internal static class DeadlineAnswer
{
    private const string DeadlineExceeded = "4";

    public static bool IsGrpc(IHeaderDictionary headers) =>
        headers.ContentType is [{ } type, ..] && type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase);

    /// <param name="context">The request; its answer has not begun.</param>
    /// <param name="grpc">Whether to answer as gRPC does: 200, and the status in a header.</param>
    /// <param name="when">Before the request arrived, or while it was served.</param>
    public static Task WriteAsync(HttpContext context, bool grpc, ServerOutcome when)
    {
        ServerTelemetry.Answered(context, when);
        var response = context.Response;
        response.Clear();
        var message = when == ServerOutcome.DeadOnArrival ? "The deadline of this request was spent before it arrived." : "The deadline of this request was spent while it was served.";
        if (grpc)
        {
            response.ContentType = "application/grpc";
            response.Headers["grpc-status"] = DeadlineExceeded;
            response.Headers["grpc-message"] = message;
            return Task.CompletedTask;
        }

        response.StatusCode = StatusCodes.Status504GatewayTimeout;
        response.ContentType = "text/plain";
        return response.WriteAsync(message + "\n", CancellationToken.None);
    }
}
