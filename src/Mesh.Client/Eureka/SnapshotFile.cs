using System.Runtime.Versioning;
using Mesh.Client.Discovery;
using Microsoft.Win32.SafeHandles;

namespace Mesh.Client.Eureka;

/// <summary>Reads and writes the snapshot file. Only this user may read it, and no other user may have written it.</summary>
internal static class SnapshotFile
{
    private const UnixFileMode Others = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <returns>Null where there is none.</returns>
    /// <exception cref="IOException">It cannot be read, or must not be.</exception>
    public static byte[]? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        if (!OperatingSystem.IsWindows())
        {
            CheckWriter(stream.SafeFileHandle);
        }

        if (stream.Length >= RegistryLimits.SnapshotBytes)
        {
            throw new IOException($"it has {RegistryLimits.SnapshotBytes / (1024 * 1024)} MiB or more");
        }

        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Checks that no other user can have written it: the file decides where this application connects to.</summary>
    [UnsupportedOSPlatform("windows")]
    private static void CheckWriter(SafeFileHandle file)
    {
        var mode = File.GetUnixFileMode(file);
        if ((mode & Others) != 0)
        {
            throw new IOException("users other than its owner may write to it");
        }

        if (Environment.IsPrivilegedProcess)
        {
            // The superuser may set the mode of any file, so the check below would prove nothing.
            if (FileOwner.Of(file) != FileOwner.Superuser)
            {
                throw new IOException("it belongs to another user");
            }

            return;
        }

        try
        {
            // Only the owner may set the mode, even to its present value. The runtime has no API for the owner.
            File.SetUnixFileMode(file, mode);
        }
        catch (UnauthorizedAccessException)
        {
            throw new IOException("it belongs to another user");
        }
        catch (IOException)
        {
            // A read-only file system.
        }
    }

    /// <summary>Replaces the file as a whole: a reader finds the old one or the new one, even after a crash in between.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        // Other processes may share the file: each writes a temporary file of its own, and the last one wins.
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
                if (stream.Length >= RegistryLimits.SnapshotBytes)
                {
                    throw new IOException($"the list has {RegistryLimits.SnapshotBytes / (1024 * 1024)} MiB or more");
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
