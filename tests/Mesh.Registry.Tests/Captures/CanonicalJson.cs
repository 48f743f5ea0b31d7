using System.Text.Json.Nodes;

namespace Mesh.Registry.Tests.Captures;

/// <summary>
/// JSON in a form that two servers can be compared in: members and instances sorted, times set by the server replaced by a mark
/// that keeps their kind (number or string) and whether they are zero.
/// </summary>
internal static class CanonicalJson
{
    public static readonly string[] ServerTimes =
        ["registrationTimestamp", "lastRenewalTimestamp", "evictionTimestamp", "serviceUpTimestamp", "lastUpdatedTimestamp"];

    public static string Of(string json, params string[] alsoMasked) =>
        Canonical(JsonNode.Parse(json), [.. ServerTimes, .. alsoMasked])!.ToJsonString();

    private static JsonNode? Canonical(JsonNode? node, string[] masked)
    {
        switch (node)
        {
            case JsonObject members:
                var sorted = new JsonObject();
                foreach (var (name, value) in members.OrderBy(static member => member.Key, StringComparer.Ordinal))
                {
                    sorted[name] = masked.Contains(name) ? Mask(value!) : Canonical(value, masked);
                }

                return sorted;
            case JsonArray items:
                return new JsonArray([.. items
                    .Select(item => Canonical(item, masked))
                    .OrderBy(static item => (string?)item?["instanceId"] ?? (string?)item?["name"] ?? "", StringComparer.Ordinal)]);
            default:
                return node?.DeepClone();
        }
    }

    private static JsonValue Mask(JsonNode value)
    {
        var zero = value.ToString() == "0";
        return JsonValue.Create($"{value.GetValueKind()} {(zero ? "zero" : "time")}");
    }
}
