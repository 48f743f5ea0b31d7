using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Mesh.Client.Eureka;

/// <summary>The owner of a file, on Linux. The runtime has no API for it.</summary>
internal static class FileOwner
{
    public const uint Superuser = 0;

    // statx has the same layout on every architecture, by design.
    private const int EmptyPath = 0x1000;
    private const uint OwnerOnly = 0x8;
    private const int Length = 256;
    private const int OwnerOffset = 20;

    /// <returns>The user's number; null where it cannot be determined.</returns>
    public static uint? Of(SafeFileHandle file)
    {
        try
        {
            var facts = new byte[Length];
            return Statx(file, [0], EmptyPath, OwnerOnly, facts) == 0
                ? BitConverter.IsLittleEndian
                    ? BinaryPrimitives.ReadUInt32LittleEndian(facts.AsSpan(OwnerOffset))
                    : BinaryPrimitives.ReadUInt32BigEndian(facts.AsSpan(OwnerOffset))
                : null;
        }
        catch (Exception failure) when (failure is EntryPointNotFoundException or DllNotFoundException)
        {
            return null;
        }
    }

    [DllImport("libc", EntryPoint = "statx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(SafeFileHandle file, byte[] path, int flags, uint mask, [Out] byte[] facts);
}
