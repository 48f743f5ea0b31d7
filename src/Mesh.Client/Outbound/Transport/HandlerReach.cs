using System.Net;

namespace Mesh.Client.Outbound.Transport;

/// <summary>Whether a user's primary handler may send a request elsewhere than to the address in its URI. Such a handler gets nothing that
/// is meant for the service alone: no header of the mesh, no token, no baggage.</summary>
/// <remarks>Fails closed: a handler that cannot be inspected may go anywhere.</remarks>
internal sealed class HandlerReach
{
    /// <summary>Sends to the address in the URI.</summary>
    public static readonly HandlerReach Direct = new(roams: false, usesProxy: false, proxy: null);

    private static readonly HandlerReach Anywhere = new(roams: true, usesProxy: false, proxy: null);

    /// <summary>By name, since the package is present in tests only. It calls the server in its own process, whatever the URI.</summary>
    private const string TestServerHandler = "Microsoft.AspNetCore.TestHost.ClientHandler";

    private readonly bool _roams;
    private readonly bool _usesProxy;
    private readonly IWebProxy? _proxy;

    private HandlerReach(bool roams, bool usesProxy, IWebProxy? proxy)
    {
        _roams = roams;
        _usesProxy = usesProxy;
        _proxy = proxy;
    }

    /// <summary>Whether the innermost handler is the runtime's: each of its responses is an object of its own, and holds a
    /// connection.</summary>
    public bool IsRuntimes { get; private init; }

    /// <summary>Whether the handler is the runtime's, without a user's handler around it. It then sends a request again only if the server
    /// has not processed it, or asks for it (a redirect, a challenge).</summary>
    public bool IsBare { get; private init; }

    /// <summary>Judges a handler by its innermost one: all around it pass the request on.</summary>
    /// <param name="handler">The client's primary handler.</param>
    /// <param name="isTrusted">Whether the user has stated that a handler that cannot be inspected is direct.</param>
    public static HandlerReach Of(HttpMessageHandler? handler, bool isTrusted)
    {
        var bare = handler?.GetType() is { } type && (type == typeof(SocketsHttpHandler) || type == typeof(HttpClientHandler));
        while (handler is DelegatingHandler outer)
        {
            handler = outer.InnerHandler;
        }

        return handler switch
        {
            SocketsHttpHandler sockets => Of(sockets.AllowAutoRedirect, sockets.UseProxy, sockets.Proxy, bare),

            // One that is derived from it may send anywhere.
            HttpClientHandler client when client.GetType() == typeof(HttpClientHandler) =>
                Of(client.AllowAutoRedirect, client.UseProxy, client.Proxy, bare),
            _ => isTrusted || handler?.GetType().FullName == TestServerHandler ? Direct : Anywhere,
        };
    }

    /// <summary>Whether a request to this address may be sent elsewhere, or be read on the way.</summary>
    /// <param name="target">The address; null to judge the handler alone.</param>
    public bool MayLeave(Uri? target)
    {
        if (_roams || !_usesProxy || target is null)
        {
            return _roams;
        }

        try
        {
            // Checked for each request, as the handler does: without a proxy of its own it uses that of the process, from the environment.
            return !(_proxy ?? HttpClient.DefaultProxy).IsBypassed(target);
        }
        catch (Exception)
        {
            // A proxy of the user is user code; if it fails to answer, it is not known to be safe.
            return true;
        }
    }

    private static HandlerReach Of(bool followsRedirects, bool usesProxy, IWebProxy? proxy, bool bare) =>
        new(followsRedirects, usesProxy, proxy) { IsRuntimes = true, IsBare = bare };
}
