using System.Diagnostics;
using Mesh.Client.Calls;
using Mesh.Client.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Client.Inbound;

/// <summary>What a caller gets whose deadline is spent. It has most likely given up; the answer is for those in between, and for the records.</summary>
internal static class DeadlineAnswer
{
    private const string DeadlineExceeded = "4";

    public static bool IsGrpc(HttpRequest request) => request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true;

    /// <param name="context">The request; its answer has not begun.</param>
    /// <param name="grpc">Whether to answer as gRPC does: 200, and the status in a header.</param>
    /// <param name="when">Completes the sentence.</param>
    public static Task WriteAsync(HttpContext context, bool grpc, string when)
    {
        var outcome = CallOutcome.Deadline.Name();
        Activity.Current?.SetTag(MeshTags.Outcome, outcome);
        context.Features.Get<IHttpMetricsTagsFeature>()?.Tags.Add(new(MeshTags.Outcome, outcome));

        var response = context.Response;
        response.Clear();
        var message = $"The deadline of this request was spent {when}.";
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
