namespace Mesh.Client.Configuration;

/// <summary>Keys of section <c>Mesh</c> that a further package brings. Registered as a singleton; one per place.</summary>
internal interface IKnownKeys
{
    /// <summary>Where the keys stand below <c>Mesh</c>, such as <c>Discovery:Consul</c>; <c>*</c>
    /// stands for the entries of a map or list.</summary>
    string Path { get; }

    KeySchema Schema { get; }
}
