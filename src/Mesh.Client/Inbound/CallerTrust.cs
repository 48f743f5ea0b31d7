using System.Net;
using Mesh.Client.Model;

namespace Mesh.Client.Inbound;

/// <summary>Which callers this server trusts: loopback in Development, and the trusted networks.</summary>
/// <param name="trustsLoopback">Whether this is Development.</param>
internal sealed class CallerTrust(bool trustsLoopback)
{
    /// <param name="view">The configuration in force.</param>
    /// <param name="peer">The address at the socket.</param>
    public bool Believes(MeshModel view, IPAddress? peer) =>
        (trustsLoopback && peer is not null && IPAddress.IsLoopback(peer)) || view.TrustedNetworks.Contains(peer);
}
