using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace Mesh.Client.Tests.Inbound;

/// <summary>Tells when a connection of the server has ended.</summary>
internal sealed class ConnectionLog
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _connections = new(StringComparer.Ordinal);

    public Task ClosedAsync(string id) => Of(id).Task;

    public ConnectionDelegate Watch(ConnectionDelegate next) => async connection =>
    {
        try
        {
            await next(connection);
        }
        finally
        {
            Of(connection.ConnectionId).TrySetResult();
        }
    };

    private TaskCompletionSource Of(string id) =>
        _connections.GetOrAdd(id, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
