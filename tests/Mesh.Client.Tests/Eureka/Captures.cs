namespace Mesh.Client.Tests.Eureka;

/// <summary>Answers recorded from real Netflix servers (v1.10.18, current and legacy codec).</summary>
internal static class Captures
{
    public static readonly string Folder = Find();

    public static byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(Folder, name + ".json"));

    public static string Text(string name) => File.ReadAllText(Path.Combine(Folder, name + ".json"));

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var folder = Path.Combine(directory.FullName, "Captures");
            if (Directory.Exists(folder))
            {
                return folder;
            }
        }

        throw new DirectoryNotFoundException("No folder Captures above " + AppContext.BaseDirectory);
    }
}
