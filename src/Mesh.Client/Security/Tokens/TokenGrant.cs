namespace Mesh.Client.Security.Tokens;

/// <summary>What an attempt may carry: a token, nothing, or the reason why it must not be sent.</summary>
internal readonly struct TokenGrant
{
    public TokenGrant(BearerToken? token) => Token = token;

    public TokenGrant(Exception failure) => Failure = failure;

    public BearerToken? Token { get; }

    /// <summary>A <see cref="TokenException"/>, or the cancellation by the caller.</summary>
    public Exception? Failure { get; }
}
