using System.Net;
using Mesh.Client.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Mesh.Client.Inbound;

/// <summary>Whom this server believes: loopback in Development, and the trusted networks. Everybody else is a stranger.</summary>
internal sealed class CallerTrust(IHostEnvironment environment)
{
    private readonly bool _trustsLoopback = environment.IsDevelopment();

    /// <param name="view">The configuration in force.</param>
    /// <param name="peer">The address at the socket.</param>
    public bool Believes(MeshView view, IPAddress? peer) =>
        (_trustsLoopback && peer is not null && IPAddress.IsLoopback(peer)) || view.TrustedNetworks.Contains(peer);
}
