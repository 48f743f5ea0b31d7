using Mesh.Client.Primitives;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Inbound;

/// <summary>Refuses requests whose <c>Authorization</c> is ambiguous: the application and a proxy
/// before it might read different users.</summary>
internal static class AuthorizationCheck
{
    /// <summary>More than one header, or a bearer token that is none.</summary>
    public static bool IsRefused(IHeaderDictionary headers)
    {
        var values = headers.Authorization;
        return values.Count > 1 || (values.Count == 1 && AuthorizationSyntax.IsMalformed(values[0]));
    }

    public static Task AnswerAsync(HttpContext context)
    {
        ServerTelemetry.Answered(context, ServerOutcome.Denied);
        var response = context.Response;
        response.StatusCode = StatusCodes.Status401Unauthorized;
        response.Headers.CacheControl = DeadlineAnswer.NoStore;
        response.Headers.WWWAuthenticate = "Bearer error=\"invalid_request\"";
        response.ContentType = "text/plain";
        return response.WriteAsync("The Authorization header of this request is malformed, or there is more than "
            + "one.\n", context.RequestAborted);
    }
}
