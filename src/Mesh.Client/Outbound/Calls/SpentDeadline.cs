using System.Net;
using Mesh.Client.Primitives;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Outbound.Calls;

/// <summary>How a server on the mesh answers when the deadline that it was given is spent.</summary>
internal static class SpentDeadline
{
    /// <summary>Whether the server says that the failure comes of the deadline.</summary>
    public static bool IsMarked(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues(MeshHeaders.Outcome, out var said) && said.ToString() == MeshHeaders.DeadlineOutcome;

    /// <summary>Makes the 504 of it that a trusted caller gets. To others the server answers 499, because proxies that are not on the mesh
    /// count a 5xx against it. On the mesh it is a failure like any other: a server that is too slow must not pass for a good one because
    /// it does not trust its caller.</summary>
    /// <param name="response">From an endpoint that this call has told its deadline.</param>
    public static void Restore(HttpResponseMessage response)
    {
        if ((int)response.StatusCode == StatusCodes.Status499ClientClosedRequest && IsMarked(response))
        {
            response.StatusCode = HttpStatusCode.GatewayTimeout;
            response.ReasonPhrase = null;
        }
    }
}
