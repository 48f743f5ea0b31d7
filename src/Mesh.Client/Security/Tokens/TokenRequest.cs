using Mesh.Client.Context;

namespace Mesh.Client;

/// <summary>The call that needs a token.</summary>
public readonly struct TokenRequest
{
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
