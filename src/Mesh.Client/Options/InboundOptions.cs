namespace Mesh.Client.Options;

/// <summary>Which callers this application's server trusts.</summary>
public sealed class InboundOptions
{
    /// <summary>Networks of trusted callers: their attempt, criticality, labels and baggage are accepted. If any network is listed,
    /// deadlines are accepted from trusted callers only.</summary>
    /// <value>Default none; in Development also loopback. Written as <c>10.0.0.0/8</c>, <c>fd00::/8</c> or a single address.</value>
    /// <remarks>The address of the connection counts. List a gateway only if it removes <c>mesh-</c>
    /// headers of untrusted callers itself.</remarks>
    public IList<string> TrustedNetworks { get; set; } = [];

    /// <summary>How the trace context of untrusted callers is treated.</summary>
    /// <value>Default <see cref="Options.UntrustedTraceContext.Link"/> if <see cref="TrustedNetworks"/> are listed, else
    /// <see cref="Options.UntrustedTraceContext.Continue"/>.</value>
    /// <remarks>With <c>Continue</c>, untrusted callers choose trace ids and decide what is recorded.</remarks>
    public UntrustedTraceContext? UntrustedTraceContext { get; set; }
}
