namespace Mesh.Architecture.Tests;

/// <summary>The folders of <c>src/Mesh.Client</c>, low to high: a folder uses only itself and those before it.</summary>
public static class Floors
{
    /// <value>Low to high.</value>
    public static IReadOnlyList<string> Folders { get; } =
    [
        "Primitives",
        "Options",
        "Model",
        "Matching",
        "Telemetry",
        "Context",
        "Security/EndpointRules",
        "Security/Tokens",
        "Security/Certificates",
        "Security/Access",
        "Limits",
        "Faults",
        "Discovery",
        "Outbound/Transport",
        "Outbound/Endpoints",
        "Outbound/Balancing",
        "Outbound/OutlierDetection",
        "Outbound/Resilience",
        "Outbound/Routing",
        "Outbound/Services",
        "Outbound/Calls",
        "Outbound/HttpClients",
        "Registration",
        "Inbound",
        "Lifecycle",
        "State",
        "Configuration",
        "Eureka",
        "DependencyInjection",
    ];

    /// <summary>The folder that a file is in.</summary>
    public static string FolderOf(string path) => Path.GetDirectoryName(path)!.Replace('\\', '/');

    /// <summary>The first part of a file's path.</summary>
    public static string TopFolderOf(string path) => path.Split('/')[0];

    /// <summary>The floor that a file belongs to: its folder, or the nearest above it that is one. Null for a folder without a
    /// place.</summary>
    public static string? FloorOf(string path)
    {
        for (var folder = FolderOf(path); folder.Length > 0; folder = FolderOf(folder))
        {
            if (Folders.Contains(folder))
            {
                return folder;
            }
        }

        return null;
    }

    /// <summary>Whether the file <paramref name="from"/> may use <paramref name="to"/>.</summary>
    public static bool Allows(string from, string to) => Index(from) >= Index(to);

    private static int Index(string path) => FloorOf(path) is { } floor ? Folders.ToList().IndexOf(floor) : -1;
}
