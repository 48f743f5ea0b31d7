namespace Mesh.Client.Security;

/// <summary>A source that can tell whether it is reached on loopback only.</summary>
internal interface ILocalSource
{
    /// <summary>Whether every server it asks is addressed by loopback.</summary>
    bool IsOnLoopback { get; }
}
