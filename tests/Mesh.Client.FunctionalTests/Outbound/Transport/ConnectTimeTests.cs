using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Mesh.Client.FunctionalTests.Outbound.Transport;

/// <summary>ConnectTimeout ends a connection that hears nothing, not one that waits for its turn.</summary>
public sealed class ConnectTimeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Each handshake takes the server 50 ms, one after the other: the last has its first word after 2 s, the first after 50
    /// ms.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Burst_of_handshakes_waits_for_its_turn(bool synchronous)
    {
        using var turn = new SemaphoreSlim(1);
        var certificate = Certificates.ForServer("localhost");
        await using var server = await TestServer.StartAsync(
            context => context.Response.WriteAsync("ok"),
            listen => listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = async context =>
                {
                    await turn.WaitAsync(context.CancellationToken);
                    try
                    {
                        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, context.CancellationToken);
                    }
                    finally
                    {
                        turn.Release();
                    }

                    return new SslServerAuthenticationOptions { ServerCertificate = certificate };
                },
            }));
        await using var application = new MeshApplication(
            Settings.Service("vault", $"https://localhost:{server.Address.Port}").With("Defaults:Timeout", "00:00:50"));
        using var client = application.Client();

        var calls = Enumerable.Range(0, synchronous ? 10 : 40).Select(_ => Task.Factory.StartNew(
            async () => synchronous
                ? client.Send(new HttpRequestMessage(HttpMethod.Post, "https://vault/"), Token)
                : await client.PostAsync(new Uri("https://vault/"), null, Token),
            TaskCreationOptions.LongRunning).Unwrap()).ToArray();

        // The certificate is not trusted: each learns that, once the server has had time for it.
        foreach (var call in calls)
        {
            var exception = await Assert.ThrowsAsync<HttpRequestException>(() => call);
            Assert.Equal(HttpRequestError.SecureConnectionError, exception.HttpRequestError);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Server_that_accepts_and_says_nothing_is_given_up(bool synchronous)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var application = new MeshApplication(
            Settings.Service("vault", $"https://{listener.LocalEndpoint}").With("Defaults:ConnectTimeout", "00:00:00.200")
                .With("Defaults:Timeout", "00:00:50"));
        using var client = application.Client();

        var exception = await Assert.ThrowsAsync<TaskCanceledException>(async () => _ = synchronous
            ? client.Send(new HttpRequestMessage(HttpMethod.Post, "https://vault/"), Token)
            : await client.PostAsync(new Uri("https://vault/"), null, Token));

        Assert.IsType<TimeoutException>(exception.InnerException);
        Assert.StartsWith(
            $"Endpoint {listener.LocalEndpoint} of service 'vault' cannot be reached: there was no connection within 0.2 s (ConnectTimeout).",
            exception.Message,
            StringComparison.Ordinal);
    }
}
