using System.Net;
using Mesh.Client.Model;

namespace Mesh.Client.Eureka;

/// <summary>The proxy configured for the registry; read for each connection, so that it follows a reload.</summary>
internal sealed class RegistryProxy(ModelInForce model) : IWebProxy, ICredentials
{
    public ICredentials? Credentials
    {
        get => this;
        set => throw new NotSupportedException();
    }

    private Uri? Configured =>
        Uri.TryCreate(model.Current.Options.Discovery.Eureka.Proxy, UriKind.Absolute, out var uri) ? uri : null;

    public Uri? GetProxy(Uri destination) =>
        Configured is { } proxy ? new UriBuilder(proxy) { UserName = string.Empty, Password = string.Empty }.Uri : null;

    public bool IsBypassed(Uri host) => Configured is null;

    public NetworkCredential? GetCredential(Uri uri, string authType)
    {
        if (Configured is not { UserInfo.Length: > 0 } proxy)
        {
            return null;
        }

        var (user, password) = UserInfo.Of(proxy);
        return new NetworkCredential(user, password);
    }
}
