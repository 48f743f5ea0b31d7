namespace Mesh.Client.Options;

/// <summary>Whether a DNS name with several addresses is one endpoint or several.</summary>
public enum AddressResolution
{
    /// <summary>One endpoint. Each connection goes to an address that answers.</summary>
    Once,

    /// <summary>One endpoint for each address, with its own load, health and ejection.</summary>
    Each,
}
