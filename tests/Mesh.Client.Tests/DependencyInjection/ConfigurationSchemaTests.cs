using Mesh.Client.Tests.Docs;

namespace Mesh.Client.Tests.DependencyInjection;

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
}
