using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Snippets.Grpc;

namespace Snippets;

internal static class GrpcSnippets
{
    public static void Client(WebApplicationBuilder builder)
    {
        // snippet: grpc-client
        builder.Services.AddMesh();
        builder.Services.AddGrpcClient<Orders.OrdersClient>(options => options.Address = new Uri("http://orders"));
        // end
    }

    public static void Server(WebApplicationBuilder builder)
    {
        // snippet: grpc-server
        builder.Services.AddGrpc();
        builder.Services.AddMesh();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Any, 5051, listen => listen.Protocols = HttpProtocols.Http2));
        // end
    }

    public static async Task<Order?> GetAsync(Orders.OrdersClient orders, int id, CancellationToken cancellation)
    {
        // snippet: grpc-call
        var deadline = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(3);
        try
        {
            return await orders.GetAsync(new OrderRequest { Id = id }, deadline: deadline, cancellationToken: cancellation);
        }
        catch (RpcException exception) when (exception.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
        {
            // Status.Detail says what was tried, where, and what to change.
            return null;
        }
        // end
    }

    public static async Task WatchAsync(Orders.OrdersClient orders, Action<Order> show, CancellationToken cancellation)
    {
        // snippet: grpc-stream
        using var call = orders.Watch(new OrderRequest(), cancellationToken: cancellation);
        await foreach (var order in call.ResponseStream.ReadAllAsync(cancellation))
        {
            show(order);
        }
        // end
    }
}
