namespace Mesh.Client.Eureka.Wire;

/// <summary>The instances of the last answer, so that unchanged ones are not built again.</summary>
internal interface IKnownInstances
{
    /// <summary>The listed instance with this key.</summary>
    /// <param name="app">In upper case.</param>
    /// <param name="id">In UTF-8.</param>
    EurekaInstance? Find(string app, ReadOnlySpan<byte> id);
}
