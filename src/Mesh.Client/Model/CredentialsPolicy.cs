using Mesh.Client.Options;

namespace Mesh.Client.Model;

/// <summary>The validated credentials settings of a service. Immutable.</summary>
/// <param name="Mode">What is sent.</param>
/// <param name="Audience">Null: the service's name.</param>
/// <param name="MissingUser">How to treat a call without a user.</param>
/// <param name="AllowInsecureTransport">Whether tokens may be sent without TLS.</param>
/// <param name="MinimumLifetime">How long a token must still be valid.</param>
/// <param name="MaxTokenBytes">The longest token.</param>
internal sealed record CredentialsPolicy(
    CredentialMode Mode,
    string? Audience,
    MissingUserBehavior MissingUser,
    bool AllowInsecureTransport,
    TimeSpan MinimumLifetime,
    int MaxTokenBytes)
{
    public static readonly TimeSpan DefaultMinimumLifetime = TimeSpan.FromSeconds(5);

    public const int DefaultMaxTokenBytes = 8192;

    public bool SendsInsecurely => Mode != CredentialMode.None && AllowInsecureTransport;

    public static CredentialsPolicy Create(CredentialsOptions service, CredentialsOptions defaults) => new(
        service.Mode ?? defaults.Mode ?? CredentialMode.None,
        service.Audience ?? defaults.Audience,
        service.MissingUser ?? defaults.MissingUser ?? MissingUserBehavior.Fail,
        service.AllowInsecureTransport ?? defaults.AllowInsecureTransport ?? false,
        service.MinimumLifetime ?? defaults.MinimumLifetime ?? DefaultMinimumLifetime,
        service.MaxTokenBytes ?? defaults.MaxTokenBytes ?? DefaultMaxTokenBytes);
}
