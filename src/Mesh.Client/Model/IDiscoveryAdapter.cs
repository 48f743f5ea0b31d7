namespace Mesh.Client.Model;

/// <summary>What one kind of registry says of its settings, to those that only ask whether and where one is in use.</summary>
internal interface IDiscoveryAdapter
{
    /// <summary>The name of its source.</summary>
    string Source { get; }

    /// <summary>Whether what it names now comes from a snapshot, until an answer does.</summary>
    bool IsRemembered { get; }

    /// <summary>The addresses as they are configured; none where it is not used.</summary>
    IEnumerable<string> Addresses(DiscoveryOptions options);

    /// <summary>Whether services are read from it.</summary>
    bool Reads(DiscoveryOptions options);

    /// <summary>Whether it may register this application.</summary>
    bool Registers(DiscoveryOptions options);

    /// <summary>Why nothing is read from it, as a sentence that names the key.</summary>
    string WhyUnread(DiscoveryOptions options);
}
