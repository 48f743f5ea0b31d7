using System.Text.Json.Nodes;

namespace Mesh.Registry.Tests.Captures;

/// <summary>Makes the JSON of old servers and that of today comparable: every value as text, every list as a list.</summary>
internal static class OldJson
{
    public static string Canonical(JsonNode node) => CanonicalJson.Of(Plain(node)!.ToJsonString(), "versions__delta");

    private static JsonNode? Plain(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Select(static member => KeyValuePair.Create(
            member.Key == "overriddenstatus" ? "overriddenStatus" : member.Key,
            member.Key is "application" or "instance" && member.Value is JsonObject one && one.Parent!.Parent is not null
                ? new JsonArray(Plain(one)) : Plain(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Plain)]),
        null => null,
        _ => JsonValue.Create(node.ToString().ToLowerInvariant()),
    };
}
