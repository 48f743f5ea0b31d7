namespace Mesh.Client.Options;

/// <summary>How to treat a call that needs the user's token if there is no user: in background work, or in a request without
/// authentication.</summary>
public enum MissingUserBehavior
{
    /// <summary>The call fails with <see cref="TokenException"/>.</summary>
    Fail,

    /// <summary>The call is sent without a token.</summary>
    Anonymous,
}
