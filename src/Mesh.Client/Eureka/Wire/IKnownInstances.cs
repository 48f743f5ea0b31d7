namespace Mesh.Client.Eureka.Wire;

/// <summary>The instances of the last answer, so that what has not changed is not built again.</summary>
internal interface IKnownInstances
{
    /// <summary>What is listed with this key.</summary>
    /// <param name="app">In upper case.</param>
    /// <param name="id">In UTF-8.</param>
    EurekaInstance? Find(string app, ReadOnlySpan<byte> id);
}
