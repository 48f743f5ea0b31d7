namespace Mesh.Client;

/// <summary>What a DNS name with several addresses stands for.</summary>
public enum AddressResolution
{
    /// <summary>One endpoint. A connection goes to an address that answers.</summary>
    Once,

    /// <summary>As many endpoints as it has addresses: each is balanced, judged and left out by itself.</summary>
    Each,
}
