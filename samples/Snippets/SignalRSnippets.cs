using System.Net.WebSockets;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;

namespace Snippets;

internal static class SignalRSnippets
{
    public static HubConnection Connect(IHttpMessageHandlerFactory handlers)
    {
        // snippet: signalr
        var hub = new HubConnectionBuilder()
            .WithUrl("http://notifications/hub", HttpTransportType.WebSockets, options =>
            {
                options.SkipNegotiation = true;
                options.WebSocketFactory = async (context, cancellation) =>
                {
                    var socket = new ClientWebSocket();
                    var mesh = new HttpMessageInvoker(handlers.CreateHandler("notifications"), disposeHandler: false);
                    await socket.ConnectAsync(context.Uri, mesh, cancellation);
                    return socket;
                };
            })
            .WithAutomaticReconnect()
            .Build();
        // end
        return hub;
    }

    public static async Task<WebSocket> WebSocketAsync(IHttpMessageHandlerFactory handlers, CancellationToken cancellation)
    {
        // snippet: web-socket
        var socket = new ClientWebSocket();
        using var mesh = new HttpMessageInvoker(handlers.CreateHandler("prices"), disposeHandler: false);
        await socket.ConnectAsync(new Uri("ws://prices/live"), mesh, cancellation);
        // end
        return socket;
    }
}
