using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using Mesh.Client.Tests.Docs;

namespace Mesh.Client.FunctionalTests.Recipes;

/// <summary>The JSON schema of the package accepts what the pages show, and finds what an editor should find.</summary>
public sealed class SettingsSchemaTests
{
    private static readonly JsonSchema Schema = JsonSchema.FromText(
        Closed(File.ReadAllText(Path.Combine(Repository.Root, "src", "Mesh.Client", "ConfigurationSchema.json"))));

    [Fact]
    public void Settings_of_the_pages_are_accepted()
    {
        var blocks = Repository.Blocks.Where(
            static block => block.Language is "json" or "jsonc" && block.Text.TrimStart().StartsWith('{')
                && block.Text.Contains("\"Mesh\"", StringComparison.Ordinal)).ToList();

        Assert.True(blocks.Count > 10);
        foreach (var block in blocks.Where(static block => !block.Refused))
        {
            Assert.True(Accepts(block.Text), block.ToString());
        }
    }

    [Theory]
    [InlineData("""{ "Timeuot": "00:00:01" }""", false)]
    [InlineData("""{ "Defaults": { "Timeout": "10s" } }""", false)]
    [InlineData("""{ "Defaults": { "Timeout": 10 } }""", false)]
    [InlineData("""{ "Defaults": { "Timeout": "-00:00:00.001" } }""", true)]
    [InlineData("""{ "Defaults": { "Retry": { "MaxRetries": 2.5 } } }""", false)]
    [InlineData("""{ "Defaults": { "Retry": { "MaxRetries": "2", "BudgetRatio": 0.2 } } }""", true)]
    [InlineData("""{ "Services": { "a": { "Endpoints": "http://a" } } }""", false)]
    [InlineData("""{ "Services": { "a": { "Endpoints": [ "http://a", { "Address": "http://b", "Zone": "eu" }, null, "" ] } } }""", true)]
    [InlineData("""{ "Services": { "a": { "Credentials": { "Mode": "Propagat" } } } }""", false)]
    [InlineData("""{ "Services": { "a": null }, "Enabled": false, "StackedHandlers": "Bypass" }""", true)]
    [InlineData("""{ "Enabled": "maybe" }""", false)]
    [InlineData("""{ "Telemetry": { "AccessLog": "True" } }""", true)]
    public void Settings_are_judged(string mesh, bool accepted) => Assert.Equal(accepted, Accepts($$"""{ "Mesh": {{mesh}} }"""));

    private static bool Accepts(string settings) => Schema
        .Evaluate(JsonNode.Parse(settings, documentOptions: new JsonDocumentOptions
        {
            CommentHandling = JsonCommentHandling.Skip,
            AllowTrailingCommas = true,
        }).Deserialize<JsonElement>())
        .IsValid;

    /// <summary>Refuses keys that it does not know, which the schema of the package leaves to others:
    /// further packages have keys here, too.</summary>
    private static string Closed(string schema)
    {
        var root = JsonNode.Parse(schema)!;
        Close(root["definitions"]!["service"]!);
        Close(root["properties"]!["Mesh"]!);
        return root.ToJsonString();
    }

    private static void Close(JsonNode node)
    {
        if (node is JsonObject { } place && place["properties"] is JsonObject keys)
        {
            place["additionalProperties"] = false;
            foreach (var (_, key) in keys)
            {
                Close(key!);
            }
        }
        else if (node is JsonObject { } list && (list["items"] ?? list["additionalProperties"]) is JsonObject element)
        {
            Close(element);
        }
    }
}
