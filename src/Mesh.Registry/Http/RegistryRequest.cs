using Mesh.Registry.Instances;
using Mesh.Registry.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Mesh.Registry.Http;

/// <summary>Reads names from the path and query of a request.</summary>
internal static class RegistryRequest
{
    public const string AppParameter = "app";
    public const string IdParameter = "id";
    public const string ReplicationHeader = "x-netflix-discovery-replication";

    /// <summary>The names of applications are case-insensitive.</summary>
    public static string App(HttpContext context) => Segment(context, AppParameter).ToUpperInvariant();

    public static InstanceKey Key(HttpContext context) => new(App(context), Segment(context, IdParameter));

    /// <summary>Whether another registry passes on a client's change. Such a change is not passed on again.</summary>
    public static bool IsFromPeer(HttpRequest request) =>
        string.Equals(request.Headers[ReplicationHeader], "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>The media type of the body, without parameters; empty if there is none, or it is malformed.</summary>
    public static StringSegment MediaType(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) ? type.MediaType : default;

    public static string Segment(HttpContext context, string parameter)
    {
        var value = (string)context.Request.RouteValues[parameter]!;

        // The server decodes a path except for %2F. After that, an encoded slash looks like the three characters "%2F" in a name, so such a
        // segment is read again from the raw target.
        return value.Contains("%2F", StringComparison.OrdinalIgnoreCase) ? FromRawTarget(context, value) : value;
    }

    /// <summary>Reads a parameter of the query; if it is repeated, the first counts, as on a real server.</summary>
    public static string Query(HttpRequest request, string name) => request.Query[name] is [{ } first, ..] ? first : "";

    /// <summary>Reads the client's version of a registration, as leniently as in the registration itself.</summary>
    /// <returns>False when there is one and it is not a number.</returns>
    public static bool TryGetLastDirty(HttpRequest request, out long? lastDirty)
    {
        lastDirty = null;
        var text = Query(request, "lastDirtyTimestamp");
        if (text.Length == 0)
        {
            return true;
        }

        if (!WireNumber.TryParse(text, out var value) || value < 0)
        {
            return false;
        }

        lastDirty = value;
        return true;
    }

    private static string FromRawTarget(HttpContext context, string decodedOnce)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var query = target.IndexOf('?', StringComparison.Ordinal);
        foreach (var segment in (query < 0 ? target : target[..query]).Split('/'))
        {
            // Decode as the server did, to find the segment that became this route value.
            var asServer = Uri.UnescapeDataString(
                segment.Replace("%2F", "%252F", StringComparison.Ordinal).Replace("%2f", "%252f", StringComparison.Ordinal));
            if (asServer == decodedOnce)
            {
                return Uri.UnescapeDataString(segment);
            }
        }

        return decodedOnce;
    }
}
