namespace Mesh.Client;

/// <summary>What this application's server believes and admits.</summary>
public sealed class InboundOptions
{
    /// <summary>Networks whose callers are believed what they say about attempt, criticality, labels and faults.</summary>
    /// <value>Default none; in Development also loopback. Written as <c>10.0.0.0/8</c>, <c>fd00::/8</c> or a single address.</value>
    /// <remarks>The address is the one at the socket. List a gateway only if it removes <c>mesh-</c> headers of strangers itself.</remarks>
    public IList<string> TrustedNetworks { get; set; } = [];

    /// <summary>What becomes of the trace context that other callers send.</summary>
    /// <value>Default <see cref="Client.StrangerTraces.Link"/> where <see cref="TrustedNetworks"/> are listed, else <see cref="Client.StrangerTraces.Continue"/>.</value>
    /// <remarks>Who continues the traces of strangers lets them choose trace ids, and decide what is recorded.</remarks>
    public StrangerTraces? StrangerTraces { get; set; }
}
