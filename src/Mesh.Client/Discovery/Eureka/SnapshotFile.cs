namespace Mesh.Client.Discovery.Eureka;

/// <summary>Reads and writes the snapshot as a file that only this user may read, and nobody else may have written.</summary>
internal static class SnapshotFile
{
    private const UnixFileMode Others = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <returns>Null where there is none.</returns>
    /// <exception cref="IOException">It cannot be read, or should not be.</exception>
    public static byte[]? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(stream.SafeFileHandle) & Others) != 0)
        {
            // It says where this application connects to.
            throw new IOException("others than its owner may write to it");
        }

        if (stream.Length >= RegistryLimits.BodyBytes)
        {
            throw new IOException($"it has {RegistryLimits.BodyBytes / (1024 * 1024)} MiB or more");
        }

        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Replaces the file as a whole: who reads it meets the old one or the new one, also after a crash in between.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        // Other processes may share the file: each writes a file of its own, and the last one stays.
        var temporary = $"{path}.{Path.GetRandomFileName()}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            using (var stream = new FileStream(temporary, options))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
                if (stream.Length >= RegistryLimits.BodyBytes)
                {
                    throw new IOException($"the list has {RegistryLimits.BodyBytes / (1024 * 1024)} MiB or more");
                }
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
