namespace Mesh.Registry.Page;

/// <summary>The style and the script, which are part of the page: it loads nothing else.</summary>
internal static class PageAssets
{
    public static readonly string Style = Read("registry.css");
    public static readonly string Script = Read("registry.js");

    private static string Read(string name)
    {
        using var stream = typeof(PageAssets).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
