using Mesh.Client.Context;
using Mesh.Client.Model;
using Mesh.Client.Primitives;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Client.Inbound;

/// <summary>The answer to a request after its deadline. The caller has probably given up; the answer is for intermediaries and
/// logs.</summary>
internal static class DeadlineAnswer
{
    /// <summary>Caches must not store an answer that one caller's deadline has caused.</summary>
    public const string NoStore = "no-store";

    private const string DeadlineExceeded = "4";
    private const string WhileServed = "The deadline of this request was spent while it was served.";

    public static bool IsGrpc(IHeaderDictionary headers) =>
        headers.ContentType is [{ } type, ..] && GrpcRequest.IsType(type);

    /// <summary>Ends a gRPC stream that was cut: an exception that the application throws when it is told to stop would look like its own
    /// failure.</summary>
    public static void EndStream(HttpContext context)
    {
        if (context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers is not { IsReadOnly: false } trailers)
        {
            return;
        }

        // Without a status, or with CANCELLED or UNKNOWN, it is a consequence of the cut. Any other status is the application's own.
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
    /// <param name="call">The context that came with the request.</param>
    public static void Mark(IHttpResponseFeature response, CallContext call)
    {
        // Only callers that name themselves understand headers of the mesh.
        if (call.Caller is not null)
        {
            response.Headers[MeshHeaders.Outcome] = MeshHeaders.DeadlineOutcome;
        }
    }

    /// <summary>Marks the application's own answer, which begins now, and keeps it out of the failure counts of proxies.</summary>
    /// <param name="context">The request.</param>
    /// <param name="response">The answer: a failure caused by the deadline.</param>
    /// <param name="call">The context that came with the request.</param>
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
    /// <param name="call">The context that came with the request.</param>
    /// <param name="grpc">Whether to answer as gRPC does: status 200, and the gRPC status in a header.</param>
    /// <param name="when">Whether the deadline passed before the request arrived, or while it was served.</param>
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

    /// <summary>An untrusted caller can send a deadline through a proxy that is not on the mesh. A 5xx would count against this server
    /// there, in a breaker or an ejection that all other callers share.</summary>
    private static int Status(CallContext call) =>
        call.IsDeadlineTrusted ? StatusCodes.Status504GatewayTimeout : StatusCodes.Status499ClientClosedRequest;
}
