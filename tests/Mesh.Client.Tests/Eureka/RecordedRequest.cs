using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Mesh.Client.Tests.Eureka;

internal sealed record RecordedRequest(string Method, Uri Uri, string? Body, AuthenticationHeaderValue? Authorization, string Accept)
{
    /// <summary>Method and path, as in <c>PUT /eureka/apps/ORDERS/id</c>.</summary>
    public string Line => $"{Method} {Uri.AbsolutePath}";

    /// <summary>The registration that a POST carries.</summary>
    public JsonNode Instance => JsonNode.Parse(Body!)!["instance"]!;

    public string Status => (string)Instance["status"]!;

    public long Dirty => long.Parse((string)Instance["lastDirtyTimestamp"]!, System.Globalization.CultureInfo.InvariantCulture);
}
