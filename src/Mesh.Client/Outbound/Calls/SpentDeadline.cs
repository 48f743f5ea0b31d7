using System.Net;
using Mesh.Client.Primitives;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Outbound.Calls;

/// <summary>How a server on the mesh answers when the deadline of a request has passed.</summary>
internal static class SpentDeadline
{
    /// <summary>Whether the server says that the deadline has caused the failure.</summary>
    public static bool IsMarked(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues(MeshHeaders.Outcome, out var said) && said.ToString() == MeshHeaders.DeadlineOutcome;

    /// <summary>Turns the answer into the 504 that a trusted caller gets. For others the server answers 499, because proxies that are not
    /// on the mesh count a 5xx against it. On the mesh it is a failure like any other: a slow server must not look healthy only because it
    /// does not trust its caller.</summary>
    /// <param name="response">From an endpoint that got this call's deadline.</param>
    public static void Restore(HttpResponseMessage response)
    {
        if ((int)response.StatusCode == StatusCodes.Status499ClientClosedRequest && IsMarked(response))
        {
            response.StatusCode = HttpStatusCode.GatewayTimeout;
            response.ReasonPhrase = null;
        }
    }
}
