namespace Mesh.Client.Discovery;

/// <summary>How much of a registry is believed. A registry that is broken, or in wrong hands, must
/// neither fill the memory nor the log.</summary>
internal static class RegistryLimits
{
    /// <summary>The longest answer that is read, in bytes after unpacking. 500 services with 100 instances each, as they register on Amazon
    /// with a page of metadata, are 115 MB.</summary>
    public const int BodyBytes = 128 * 1024 * 1024;

    /// <summary>The longest answer that is received, in bytes as they come. Packed, 115 MB are less than 10.</summary>
    public const int ReceivedBytes = 32 * 1024 * 1024;

    /// <summary>How many times its size an answer may have when it is unpacked, beyond <see cref="ReceivedBytes"/>, which may come unpacked
    /// as well. Lists of instances that differ in their addresses only have 50.</summary>
    public const int Ratio = 100;

    /// <summary>The longest file that is read or written. It has what is needed of an instance only, about half a kilobyte.</summary>
    public const int SnapshotBytes = 64 * 1024 * 1024;

    /// <summary>How deep an answer may nest. A real one has 8 levels.</summary>
    public const int Depth = 32;

    public const int Applications = 10_000;

    public const int Instances = 100_000;

    /// <summary>The most names that are taken as services. Those that the registry lists no longer, and that were
    /// never called, make room for others.</summary>
    public const int Services = 10_000;

    /// <summary>The most names of one instance.</summary>
    public const int NamesOfInstance = 16;

    /// <summary>The longest name of a service or application.</summary>
    public const int NameLength = 253;

    public const int IdLength = 512;

    /// <summary>The most labels that an instance's metadata become; further ones are left out.</summary>
    public const int Labels = 64;

    public const int LabelKeyLength = 64;

    public const int LabelValueLength = 1024;
}
