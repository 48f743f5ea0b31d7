using Mesh.Client.Security.EndpointRules;

namespace Mesh.Client.Outbound.Endpoints;

/// <summary>Decides which named endpoints of a service may be used, and counts the others. Guarded by the service's lock; the counts are
/// read without it.</summary>
internal sealed class EndpointAdmission(string service, EndpointGuard guard)
{
    /// <summary>The number of endpoints that the endpoint policy refuses.</summary>
    public int RefusedCount { get; private set; }

    /// <summary>The number of endpoints without TLS, if the service requires it.</summary>
    public int WithoutTlsCount { get; private set; }

    public void Begin() => (RefusedCount, WithoutTlsCount) = (0, 0);

    /// <summary>The endpoint as it may be used: over TLS if the service requires that, and only at an address that the endpoint policy
    /// allows the source to name.</summary>
    /// <param name="named">The endpoint as its source names it.</param>
    /// <param name="requireTls">Whether the service requires TLS.</param>
    public EndpointDescription? Admit(EndpointDescription named, bool requireTls)
    {
        var description = named;
        if (requireTls && !named.IsSecure)
        {
            if (named.SecurePort == 0)
            {
                WithoutTlsCount++;
                return null;
            }

            description = named.OverTls();
        }

        if (!guard.Admits(service, description))
        {
            RefusedCount++;
            return null;
        }

        return description;
    }
}
