using System.Text;

namespace Mesh.Client.Faults.Deploy.Roles;

/// <summary>The ids that the processes of one instance took, one a line, in a file that outlives them.</summary>
internal sealed class Ledger(string file) : IDisposable
{
    public const string Extension = ".ledger";

    // One writer at a time, so that lines do not mix; the processes of an instance follow each other.
    private readonly Lock _gate = new();
    private readonly FileStream _file = new(file, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);

    /// <summary>Reads how often each id was taken, over all ledgers of a folder.</summary>
    public static Dictionary<string, int> ReadAll(string folder)
    {
        var times = new Dictionary<string, int>();
        foreach (var file in Directory.EnumerateFiles(folder, "*" + Extension))
        {
            // The instance may still hold the file open for writing.
            using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            while (reader.ReadLine() is { } id)
            {
                times[id] = times.GetValueOrDefault(id) + 1;
            }
        }

        return times;
    }

    /// <summary>Returns when the line is with the operating system: from then on not even SIGKILL loses it.</summary>
    public void Append(string id)
    {
        var line = Encoding.UTF8.GetBytes(id + '\n');
        lock (_gate)
        {
            _file.Write(line);
        }
    }

    public void Dispose() => _file.Dispose();
}
