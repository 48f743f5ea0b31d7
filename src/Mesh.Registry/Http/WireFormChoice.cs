using Mesh.Registry.Wire;
using Microsoft.AspNetCore.Http;

namespace Mesh.Registry.Http;

/// <summary>Chooses the form of an answer from what the client accepts, by the rules of the protocol.</summary>
internal static class WireFormChoice
{
    private const string Json = "application/json";

    /// <summary>
    /// JSON only for clients that name it, XML for all others that accept it. A real server decides in the same way, and there are clients
    /// that send no <c>Accept</c> and can read only XML.
    /// </summary>
    /// <returns>Null when the client accepts neither.</returns>
    public static WireForm? Of(HttpRequest request)
    {
        if (Language(request) is not { } form)
        {
            return null;
        }

        return request.Headers.TryGetValue("X-Eureka-Accept", out var detail)
            && string.Equals(detail, "compact", StringComparison.OrdinalIgnoreCase)
            ? form.Compact()
            : form;
    }

    private static WireForm? Language(HttpRequest request)
    {
        var accept = request.Headers.Accept;
        if (accept.Count == 0)
        {
            return WireForm.Xml;
        }

        if (accept.Count == 1 && accept[0] == Json)
        {
            return WireForm.Json;
        }

        var takesXml = false;
        var ranges = request.GetTypedHeaders().Accept;
        foreach (var range in ranges)
        {
            if (range.Quality is 0)
            {
                continue;
            }

            if (range.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase))
            {
                return WireForm.Json;
            }

            takesXml |= range.MatchesAllTypes
                || range.MediaType.Equals("application/*", StringComparison.OrdinalIgnoreCase)
                || range.MediaType.Equals("application/xml", StringComparison.OrdinalIgnoreCase);
        }

        // A malformed header counts as absent.
        return takesXml || ranges.Count == 0 ? WireForm.Xml : null;
    }
}
