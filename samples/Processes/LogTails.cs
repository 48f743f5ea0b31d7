namespace Samples.Processes;

/// <summary>Prints the last lines that each instance logged, for a build log that is all one has.</summary>
internal static class LogTails
{
    private const int Lines = 15;
    private const int Width = 300;

    public static void Print(IEnumerable<ServiceProcess> services, string folder)
    {
        Console.WriteLine($"\nThe last lines of the logs; all of them are in {folder}.");
        foreach (var service in services)
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
