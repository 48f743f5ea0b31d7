namespace Mesh.Client.Discovery;

/// <summary>How much is accepted from a registry. A broken or hostile registry must fill neither the memory nor the log.</summary>
internal static class RegistryLimits
{
    /// <summary>The longest answer that is read, in bytes after unpacking. 500 services with 100 instances each, as they register on Amazon
    /// with a page of metadata, are 115 MB.</summary>
    public const int BodyBytes = 128 * 1024 * 1024;

    /// <summary>The longest answer that is received, in bytes on the wire. 115 MB compress to less than 10.</summary>
    public const int ReceivedBytes = 32 * 1024 * 1024;

    /// <summary>The largest ratio of unpacked to received size, for answers beyond <see cref="ReceivedBytes"/>, which may arrive unpacked
    /// as well. Lists of instances that differ only in their addresses reach 50.</summary>
    public const int Ratio = 100;

    /// <summary>The longest snapshot file that is read or written. It holds only the needed fields of an instance, about half a
    /// kilobyte.</summary>
    public const int SnapshotBytes = 64 * 1024 * 1024;

    /// <summary>How deep an answer may nest. A real one has 8 levels.</summary>
    public const int Depth = 32;

    public const int Applications = 10_000;

    public const int Instances = 100_000;

    /// <summary>The most names that become services. Names that the registry no longer lists, and that were never called, make room for
    /// others.</summary>
    public const int Services = 10_000;

    /// <summary>The most names of one instance.</summary>
    public const int NamesOfInstance = 16;

    /// <summary>The longest name of a service or application.</summary>
    public const int NameLength = 253;

    public const int IdLength = 512;

    /// <summary>The longest text of a failure in messages.</summary>
    public const int Message = 500;

    /// <summary>The most labels that are taken from the metadata of an instance; further ones are left out.</summary>
    public const int Labels = 64;

    public const int LabelKeyLength = 64;

    public const int LabelValueLength = 1024;
}
