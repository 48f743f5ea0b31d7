namespace Mesh.Client.Options;

/// <summary>Which credentials a call to a service carries.</summary>
public enum CredentialMode
{
    /// <summary>Nothing: the mesh adds no credentials.</summary>
    None,

    /// <summary>The user of the request that is being served: its access token goes along, if it is meant for the service.</summary>
    Propagate,
}
