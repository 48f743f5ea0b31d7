using System.Diagnostics;
using System.Reflection;

namespace Samples.Processes;

/// <summary>How to start this program once more.</summary>
internal static class Executable
{
    public static ProcessStartInfo StartWith(IEnumerable<string> arguments)
    {
        var path = Environment.ProcessPath ?? throw new DemoException(
            "The path of this program is unknown, so it cannot start its instances.");

        // Started as `dotnet Storefront.dll`, the process is dotnet, and needs the assembly again.
        var viaDotnet = string.Equals(Path.GetFileNameWithoutExtension(path), "dotnet", StringComparison.OrdinalIgnoreCase);
        var start = new ProcessStartInfo(path, viaDotnet ? [Assembly.GetExecutingAssembly().Location, .. arguments] : arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };

        // Everything is on this machine: a proxy of the environment must not come between.
        foreach (var name in start.Environment.Keys.Where(key => key.EndsWith("_proxy", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name);
        }

        return start;
    }
}
