namespace Mesh.Client;

/// <summary>What becomes of a call that should go with the user's token where there is no user: in background work, or in a request without authentication.</summary>
public enum MissingUser
{
    /// <summary>The call fails with <see cref="TokenException"/>.</summary>
    Fail,

    /// <summary>The call is sent without a token.</summary>
    Anonymous,
}
