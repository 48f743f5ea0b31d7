using Storefront.Processes;

namespace Storefront.Display;

/// <summary>Prints the last lines that each instance logged, for a build log that is all one has.</summary>
internal static class LogTails
{
    private const int Lines = 15;
    private const int Width = 300;

    public static void Print(Fleet fleet)
    {
        Console.WriteLine($"\nThe last lines of the logs; all of them are in {fleet.Folder}.");
        foreach (var service in fleet.All)
        {
            using var reader = new StreamReader(new FileStream(service.LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            Console.WriteLine($"--- {service.Name}");
            foreach (var line in reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(Lines))
            {
                Console.WriteLine(line.Length <= Width ? line : string.Concat(line.AsSpan(0, Width), "…"));
            }
        }
    }
}
