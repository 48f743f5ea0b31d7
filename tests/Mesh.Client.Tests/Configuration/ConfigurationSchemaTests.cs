using System.Text.Json;
using System.Text.RegularExpressions;
using Mesh.Client.Tests.Docs;

namespace Mesh.Client.Tests.Configuration;

/// <summary>The JSON schema of the package is that of the code and of the page.</summary>
public sealed class ConfigurationSchemaTests
{
    /// <summary>Set to 1, the file is written anew instead of compared.</summary>
    private const string Write = "MESH_WRITE_SCHEMA";

    private static readonly string File = Path.Combine(Repository.Root, "src", "Mesh.Client", "ConfigurationSchema.json");

    [Fact]
    public void Schema_is_current()
    {
        var expected = JsonSchemaText.Make(System.IO.File.ReadAllText(Path.Combine(Repository.Root, "docs", "configuration.md")));
        if (Environment.GetEnvironmentVariable(Write) == "1")
        {
            System.IO.File.WriteAllText(File, expected);
        }

        Assert.True(
            expected == System.IO.File.ReadAllText(File),
            $"src/Mesh.Client/ConfigurationSchema.json is not what MeshSchema and docs/configuration.md say. Run the test with {Write}=1 "
            + "to write it.");
    }

    [Fact]
    public void Schema_has_the_words_of_every_row_of_the_page()
    {
        var rows = System.IO.File.ReadLines(Path.Combine(Repository.Root, "docs", "configuration.md")).Count(
            static line => line.StartsWith("| `Mesh:", StringComparison.Ordinal));
        var described = System.IO.File.ReadLines(File).Count(
            static line => line.TrimStart().StartsWith("\"description\":", StringComparison.Ordinal));

        Assert.True(rows > 50);
        Assert.Equal(rows, described);
    }

    [Theory]
    [InlineData("HostHeader", "endpoint", true)]
    [InlineData("HostHeader", "Endpoint", true)]
    [InlineData("HostHeader", "ENDPOINT", true)]
    [InlineData("HostHeader", "", true)]
    [InlineData("HostHeader", "endpoin", false)]
    [InlineData("HostHeader", "endpoints", false)]
    [InlineData("HostHeader", "auto", true)]
    public void Schema_takes_a_choice_in_any_case(string key, string value, bool accepted)
    {
        using var schema = JsonDocument.Parse(System.IO.File.ReadAllText(File));
        var choice = schema.RootElement.GetProperty("definitions").GetProperty("service").GetProperty("properties").GetProperty(key);

        // An editor completes from the list, and takes what fits the pattern.
        Assert.Equal(2, choice.GetProperty("anyOf").GetArrayLength());
        var listed = choice.GetProperty("anyOf")[0].GetProperty("enum").EnumerateArray()
            .Any(item => item.ValueKind == JsonValueKind.String && item.GetString() == value);
        var fits = Regex.IsMatch(value, choice.GetProperty("anyOf")[1].GetProperty("pattern").GetString()!);
        Assert.Equal("string", choice.GetProperty("anyOf")[1].GetProperty("type").GetString());

        Assert.Equal(accepted, listed || fits);
    }
}
