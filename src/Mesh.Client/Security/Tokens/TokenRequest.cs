using Mesh.Client.Context;

namespace Mesh.Client;

/// <summary>The call that needs a token.</summary>
public readonly struct TokenRequest
{
    /// <summary>Creates a request of your own, to test a source. It belongs to no incoming request.</summary>
    /// <param name="service">The service that is called.</param>
    /// <param name="audience">The audience that the token must be issued for.</param>
    public TokenRequest(string service, string audience)
        : this(service, audience, context: null)
    {
    }

    internal TokenRequest(string service, string audience, ContextHolder? context)
    {
        Service = service;
        Audience = audience;
        Context = context;
    }

    /// <summary>The service that is called.</summary>
    public string Service { get; }

    /// <summary>The audience that the token must be issued for.</summary>
    public string Audience { get; }

    /// <summary>The request that the call belongs to; null for background work.</summary>
    internal ContextHolder? Context { get; }
}
