using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Mesh.Client.Configuration;

namespace Mesh.Client.Tests.Configuration;

/// <summary>Makes the JSON schema that the package brings for <c>appsettings.json</c>: keys and types from <see cref="MeshSchema"/>, words
/// from the page.</summary>
internal sealed partial class JsonSchemaText
{
    private const string Service = "Mesh:Services:<name>";

    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NewLine = "\n",
    };

    private readonly Dictionary<string, string> _words;

    private JsonSchemaText(string page) => _words = Row().Matches(page).ToDictionary(
        static row => row.Groups["key"].Value,
        static row => $"{Plain(row.Groups["meaning"].Value)}. Default: {Plain(row.Groups["default"].Value)}.",
        StringComparer.Ordinal);

    /// <param name="page">What <c>docs/configuration.md</c> says.</param>
    public static string Make(string page)
    {
        var text = new JsonSchemaText(page);
        var mesh = new JsonObject();
        foreach (var (name, schema) in MeshSchema.Root.Keys)
        {
            mesh[name] = text.Describe(schema, $"Mesh:{name}");
        }

        var root = new JsonObject
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["definitions"] = new JsonObject { ["service"] = text.Describe(MeshSchema.Root.Find("Services")!.Element!, Service) },
            ["type"] = "object",
            ["properties"] = new JsonObject { ["Mesh"] = new JsonObject { ["type"] = Types("object", "null"), ["properties"] = mesh } },
        };
        return root.ToJsonString(Format) + "\n";
    }

    private JsonObject Describe(KeySchema schema, string path)
    {
        var described = schema.Kind switch
        {
            // Their keys are those of a service, which are described once.
            KeyKind.Section when path is "Mesh:Defaults" or "Mesh:Override:Defaults" => Reference(),
            KeyKind.Map when path is "Mesh:Services" or "Mesh:Override:Services" =>
                new JsonObject { ["type"] = Types("object", "null"), ["additionalProperties"] = Reference() },
            KeyKind.Section when schema.Shorthand is not null => new JsonObject
            {
                ["anyOf"] = new JsonArray(new JsonObject { ["type"] = Types("string", "null") }, Section(schema, path)),
            },
            KeyKind.Section => Section(schema, path),
            KeyKind.Map => new JsonObject
            {
                ["type"] = Types("object", "null"),
                ["additionalProperties"] = Describe(schema.Element!, path + ":*"),
            },
            KeyKind.List => new JsonObject { ["type"] = Types("array", "null"), ["items"] = Describe(schema.Element!, path + ":*") },
            KeyKind.Duration => new JsonObject
            {
                ["type"] = Types("string", "null"),
                ["pattern"] = "^$|^-?([0-9]+\\.)?([01]?[0-9]|2[0-3]):[0-5]?[0-9](:[0-5]?[0-9](\\.[0-9]{1,7})?)?$",
            },
            KeyKind.WholeNumber => new JsonObject { ["type"] = Types("integer", "string", "null"), ["pattern"] = "^-?[0-9]*$" },
            KeyKind.Number => new JsonObject { ["type"] = Types("number", "string", "null"), ["pattern"] = "^-?[0-9]*\\.?[0-9]*$" },
            KeyKind.Switch =>
                new JsonObject
                {
                    ["type"] = Types("boolean", "string", "null"),
                    ["pattern"] = "^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])?$"
                },
            // Editors complete from the list; any case is taken.
            KeyKind.Choice => new JsonObject
            {
                ["anyOf"] = new JsonArray(
                    new JsonObject { ["enum"] = new JsonArray([.. schema.Choices.Select(static choice => (JsonNode?)choice), "", null]) },
                    new JsonObject { ["type"] = "string", ["pattern"] = $"^({string.Join('|', schema.Choices.Select(AnyCase))})$" }),
            },
            KeyKind.Text => new JsonObject { ["type"] = Types("string", "number", "boolean", "null") },
            _ => [],
        };
        if (_words.TryGetValue(path.Replace(":*", ":<name>", StringComparison.Ordinal), out var words))
        {
            described.Insert(0, "description", words);
        }

        return described;
    }

    private JsonObject Section(KeySchema schema, string path)
    {
        var properties = new JsonObject();
        foreach (var (name, key) in schema.Keys)
        {
            properties[name] = Describe(key, $"{path}:{name}");
        }

        return new JsonObject { ["type"] = Types("object", "string", "null"), ["maxLength"] = 0, ["properties"] = properties };
    }

    /// <summary>A pattern of JSON schema has no switch for it.</summary>
    private static string AnyCase(string word) =>
        string.Concat(word.Select(static c => $"[{char.ToUpperInvariant(c)}{char.ToLowerInvariant(c)}]"));

    private static JsonObject Reference() => new() { ["$ref"] = "#/definitions/service" };

    private static JsonArray Types(params string[] types) => [.. types.Select(static type => (JsonNode?)type)];

    /// <summary>Without links and code marks.</summary>
    private static string Plain(string markdown) =>
        Link().Replace(markdown, "$1").Replace("`", string.Empty, StringComparison.Ordinal).Trim();

    [GeneratedRegex(@"^\| `(?<key>Mesh:[^`]+)` \| (?<default>[^|]*) \| (?<meaning>[^|]*) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex Link();
}
