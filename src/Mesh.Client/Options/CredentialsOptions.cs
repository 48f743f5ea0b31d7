namespace Mesh.Client.Options;

/// <summary>Which credentials calls to a service carry.</summary>
public sealed class CredentialsOptions
{
    /// <summary>Which token calls carry.</summary>
    /// <value>Default <see cref="CredentialMode.None"/>.</value>
    /// <remarks>A request with an <c>Authorization</c> header of its own is sent unchanged.</remarks>
    public CredentialMode? Mode { get; set; }

    /// <summary>The audience (<c>aud</c>) that a token must be issued for to be sent to the service. Compared exactly.</summary>
    /// <value>Default the service's name in lower case.</value>
    /// <remarks>A service can use every token that it receives. Give each service its own audience, so that the token is of no use
    /// elsewhere.</remarks>
    public string? Audience { get; set; }

    /// <summary>How to treat a call without a user.</summary>
    /// <value>Default <see cref="MissingUserBehavior.Fail"/>.</value>
    public MissingUserBehavior? MissingUser { get; set; }

    /// <summary>Whether tokens may be sent without TLS.</summary>
    /// <value>Default false; always allowed to a loopback address in Development.</value>
    /// <remarks>Tokens can then be read on the network and used until they expire. The log warns of it at each start.</remarks>
    public bool? AllowInsecureTransport { get; set; }

    /// <summary>Minimum time that a token must still be valid to be sent.</summary>
    /// <value>Default 5 s; 0 to 1 h.</value>
    public TimeSpan? MinimumLifetime { get; set; }

    /// <summary>Maximum size of a token that is sent, in bytes.</summary>
    /// <value>Default 8192 bytes; 256 to 16384.</value>
    /// <remarks>Servers and gateways refuse large headers, some with the whole connection. All headers that the mesh adds to a request are
    /// limited to 16 KiB in any case.</remarks>
    public int? MaxTokenBytes { get; set; }
}
