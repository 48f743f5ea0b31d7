using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Registry.Tests.Http;

/// <summary>Bodies that break off, stall or are no chunks: whatever reaches the registry can send them, and
/// none is a fault of the application.</summary>
public sealed class BrokenBodyTests
{
    [Theory(Timeout = 60_000)]
    [InlineData("apps/ORDERS", "Transfer-Encoding: chunked\r\n\r\nfffffffff\r\nabc\r\n", 400)]
    [InlineData("apps/ORDERS", "Transfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n", 400)]
    [InlineData("apps/ORDERS", "Transfer-Encoding: chunked\r\n\r\n2\r\n{}garbage\r\n", 400)]
    [InlineData("apps/ORDERS", "Content-Length: 60000\r\n\r\n{", 408)]
    [InlineData("apps/ORDERS", "Transfer-Encoding: chunked\r\n\r\n5\r\n{", 408)]
    [InlineData("peerreplication/batch/", "Transfer-Encoding: chunked\r\n\r\nfffffffff\r\nabc\r\n", 400)]
    [InlineData("peerreplication/batch/", "Content-Length: 60000\r\n\r\n{", 408)]
    public async Task Body_that_is_malformed_or_slow_is_refused_and_no_error_is_logged(string path, string rest, int expected)
    {
        await using var server = await StartAsync();
        using var client = await SendAsync(server, path, rest);

        var buffer = new byte[1_024];
        var length = await client.Client.ReceiveAsync(buffer, TestContext.Current.CancellationToken);

        Assert.StartsWith($"HTTP/1.1 {expected} ", Encoding.ASCII.GetString(buffer, 0, length), StringComparison.Ordinal);
        await AssertQuietAsync(server);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("apps/ORDERS", "Content-Length: 60000\r\n\r\n{", true)]
    [InlineData("apps/ORDERS", "Transfer-Encoding: chunked\r\n\r\n5\r\n{", true)]
    [InlineData("peerreplication/batch/", "Content-Length: 60000\r\n\r\n{", true)]
    [InlineData("peerreplication/batch/", "Transfer-Encoding: chunked\r\n\r\n5\r\n{", true)]
    [InlineData("apps/ORDERS", "Content-Length: 60000\r\n\r\n{", false)]
    [InlineData("apps/ORDERS", "Transfer-Encoding: chunked\r\n\r\n5\r\n{", false)]
    [InlineData("peerreplication/batch/", "Content-Length: 60000\r\n\r\n{", false)]
    [InlineData("peerreplication/batch/", "Transfer-Encoding: chunked\r\n\r\n5\r\n{", false)]
    public async Task Client_that_goes_amid_its_body_leaves_no_warning(string path, string rest, bool resets)
    {
        await using var server = await StartAsync();
        using (var client = await SendAsync(server, path, rest))
        {
            await WaitAsync(server, "RequestBodyStart", TestContext.Current.CancellationToken);
            client.LingerState = new LingerOption(resets, seconds: 0);
            if (resets)
            {
                // Disposing the client would say goodbye first.
                client.Client.Close(timeout: 0);
            }
        }

        await WaitAsync(server, "BodyUnreadable", TestContext.Current.CancellationToken);
        await AssertQuietAsync(server);
    }

    /// <summary>Until the server has come that far.</summary>
    private static async Task WaitAsync(RegistryServer server, string eventName, CancellationToken cancellation)
    {
        while (!server.Services.GetFakeLogCollector().GetSnapshot().Any(record => record.Id.Name == eventName))
        {
            await Task.Yield();
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Stopping ends all connections, so that what there is to log has been logged.</summary>
    private static async Task AssertQuietAsync(RegistryServer server)
    {
        var collector = server.Services.GetFakeLogCollector();
        await server.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>().StopAsync(
            TestContext.Current.CancellationToken);

        Assert.DoesNotContain(
            collector.GetSnapshot(),
            static record => record.Level > LogLevel.Information || record.Exception is not null && record.Level >= LogLevel.Information);
    }

    private static Task<RegistryServer> StartAsync() => RegistryServer.StartAsync(services: static services =>
    {
        services.AddLogging(static logging => logging.AddFakeLogging().SetMinimumLevel(LogLevel.Debug));
        services.Configure<KestrelServerOptions>(
            static kestrel => kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(240, TimeSpan.FromSeconds(2)));
    });

    private static async Task<TcpClient> SendAsync(RegistryServer server, string path, string rest)
    {
        var client = new TcpClient();
        await client.ConnectAsync(server.Client.BaseAddress!.Host, server.Client.BaseAddress.Port, TestContext.Current.CancellationToken);
        var head = $"POST /eureka/{path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAccept: application/json\r\n{rest}";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), TestContext.Current.CancellationToken);
        return client;
    }
}
