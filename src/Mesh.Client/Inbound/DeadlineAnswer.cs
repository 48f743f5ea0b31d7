using Mesh.Client.Context;
using Mesh.Client.Model;
using Mesh.Client.Primitives;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Client.Inbound;

/// <summary>The answer to a request whose deadline has passed. The caller has probably given up; the
/// answer is for intermediaries and logs.</summary>
internal static class DeadlineAnswer
{
    /// <summary>What comes of a deadline is nobody else's answer.</summary>
    public const string NoStore = "no-store";

    private const string DeadlineExceeded = "4";
    private const string WhileServed = "The deadline of this request was spent while it was served.";

    public static bool IsGrpc(IHeaderDictionary headers) =>
        headers.ContentType is [{ } type, ..] && GrpcRequest.IsType(type);

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

    /// <summary>Marks the application's own answer, which begins now, and takes it out of the account of proxies.</summary>
    /// <param name="context">The request.</param>
    /// <param name="response">The answer: a failure that comes of the deadline.</param>
    /// <param name="call">What came with it.</param>
    /// <param name="grpc">Whether the status of the answer is that of gRPC, which proxies do not read.</param>
    public static void Excuse(HttpContext context, IHttpResponseFeature response, CallContext call, bool grpc)
    {
        Mark(response, call);
        if (!grpc && !call.IsDeadlineTrusted)
        {
            ServerTelemetry.Answered(context, ServerOutcome.Deadline);
            response.StatusCode = Status(call);
            response.ReasonPhrase = null;
            response.Headers.CacheControl = NoStore;
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
        response.Headers.CacheControl = NoStore;
        Mark(context.Features.Response(), call);
        var message = when == ServerOutcome.DeadOnArrival ? "The deadline of this request was spent before it arrived." : WhileServed;
        if (grpc)
        {
            response.ContentType = GrpcRequest.MediaType;
            response.Headers[GrpcStatus.Header] = DeadlineExceeded;
            response.Headers[GrpcStatus.MessageHeader] = message;
            return Task.CompletedTask;
        }

        response.StatusCode = Status(call);
        response.ContentType = "text/plain";
        return response.WriteAsync(message + "\n", CancellationToken.None);
    }

    /// <summary>Anyone can send a deadline through a proxy that is not on the mesh. With a 5xx it would count against this server, in a
    /// breaker or an ejection that all others share.</summary>
    private static int Status(CallContext call) =>
        call.IsDeadlineTrusted ? StatusCodes.Status504GatewayTimeout : StatusCodes.Status499ClientClosedRequest;
}
