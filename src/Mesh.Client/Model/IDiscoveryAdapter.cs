using Mesh.Client.Options;

namespace Mesh.Client.Model;

/// <summary>One kind of registry, for code that only needs to know whether and where it is in use.</summary>
internal interface IDiscoveryAdapter
{
    /// <summary>The name of its source.</summary>
    string Source { get; }

    /// <summary>Whether its endpoints come from a snapshot at present, until the registry answers.</summary>
    bool IsRemembered { get; }

    /// <summary>The configured addresses; none where it is not used.</summary>
    IEnumerable<string> Addresses(DiscoveryOptions options);

    /// <summary>Whether services are read from it.</summary>
    bool Reads(DiscoveryOptions options);

    /// <summary>Whether it may register this application.</summary>
    bool Registers(DiscoveryOptions options);

    /// <summary>Why nothing is read from it, as a sentence that names the key.</summary>
    string WhyUnread(DiscoveryOptions options);
}
