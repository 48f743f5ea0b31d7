namespace Mesh.Client.Configuration;

/// <summary>What becomes of a key of Steeltoe.</summary>
internal enum SteeltoeEffect
{
    /// <summary>It counts as a key of the mesh.</summary>
    Works,

    /// <summary>It changes nothing. Where its value asks for something that the mesh does not do, the log says so at start.</summary>
    NoEffect,

    /// <summary>The application does not start with it: it could not reach the registry, or would
    /// be registered under a wrong address.</summary>
    Refused,
}
