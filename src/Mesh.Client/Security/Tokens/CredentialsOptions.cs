namespace Mesh.Client;

/// <summary>Which credentials calls to a service carry.</summary>
public sealed class CredentialsOptions
{
    /// <summary>What is sent.</summary>
    /// <value>Default <see cref="CredentialMode.None"/>.</value>
    /// <remarks>A request that has an <c>Authorization</c> header of its own is sent as it is, whatever stands here.</remarks>
    public CredentialMode? Mode { get; set; }

    /// <summary>The audience (<c>aud</c>) that a token must be issued for to be sent to the service. Compared exactly.</summary>
    /// <value>Default the service's name in lower case.</value>
    /// <remarks>A token that is sent to a service can be used by it. One audience for each service keeps it from being used elsewhere.</remarks>
    public string? Audience { get; set; }

    /// <summary>What becomes of a call where there is no user.</summary>
    /// <value>Default <see cref="MissingUser.Fail"/>.</value>
    public MissingUser? OnMissingUser { get; set; }

    /// <summary>Whether tokens may be sent without TLS.</summary>
    /// <value>Default false; to a loopback address they may be in Development.</value>
    /// <remarks>Whoever sees the network sees the tokens and can use them until they expire. The log warns of it at each start.</remarks>
    public bool? AllowInsecureTransport { get; set; }

    /// <summary>The shortest time that a token must still be valid to be sent.</summary>
    /// <value>Default 5 s; 0 to 1 h.</value>
    public TimeSpan? MinRemaining { get; set; }

    /// <summary>The longest token that is sent, in bytes.</summary>
    /// <value>Default 8192; 256 to 16384.</value>
    /// <remarks>Servers and gateways refuse large headers, some with the whole connection. All that the mesh adds to a request is held to 16 KiB in any case.</remarks>
    public int? MaxTokenBytes { get; set; }
}
