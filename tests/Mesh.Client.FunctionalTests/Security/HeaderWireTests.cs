using System.Collections.Concurrent;
using System.Net;
using Mesh.Client.FunctionalTests.Servers;
using Mesh.Client.Primitives;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>T26: every character at every position of a value, down to the bytes on the wire. A value arrives as it is or not at all; no
/// other header ever does.</summary>
public sealed class HeaderWireTests
{
    private const string Name = "mesh-label-tenant";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>All of Latin-1, and characters whose low byte is CR, LF, NUL or a colon.</summary>
    public static IReadOnlyList<string> Values { get; } =
    [
        .. Enumerable.Range(0, 256).Concat([0x010A, 0x010D, 0x0100, 0x013A, 0x560A, 0x560D, 0x2028]).Select(code => (char)code)
            .SelectMany(
                character =>
                    new[] { $"{character}bc", $"a{character}c", $"ab{character}", $"a{character}x-injected: 1",
                        $"a\r{character}x-injected: 1" }),
    ];

    [Fact]
    public async Task Header_value_from_outside_cannot_inject_on_http_1()
    {
        using var recorder = new SocketRecorder(IPAddress.Loopback);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });

        foreach (var value in Values)
        {
            var added = await SendAsync(client, new Uri($"http://127.0.0.1:{recorder.Port}/"), value, HttpVersion.Version11);

            Assert.True(recorder.Requests.TryDequeue(out var head));
            var host = $"GET / HTTP/1.1\r\nHost: 127.0.0.1:{recorder.Port}\r\n";
            Assert.Equal(added ? $"{host}{Name}: {value}\r\n\r\n" : $"{host}\r\n", head);
        }

        Assert.Empty(recorder.Requests);
    }

    [Fact]
    public async Task Header_value_from_outside_cannot_inject_on_http_2()
    {
        var received = new ConcurrentQueue<string>();
        await using var server = await TestServer.StartAsync(
            context =>
            {
                received.Enqueue(
                    string.Join('\n', context.Request.Headers.Where(header => header.Key is not "Host")
                        .Select(header => $"{header.Key}: {header.Value}")));
                return Task.CompletedTask;
            },
            listen => listen.Protocols = HttpProtocols.Http2);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });

        foreach (var value in Values)
        {
            var added = await SendAsync(client, new Uri(server.Url), value, HttpVersion.Version20);

            Assert.True(received.TryDequeue(out var headers));
            Assert.Equal(added ? $"{Name}: {value}" : string.Empty, headers);
        }

        Assert.Equal(Values.Count, server.Requests);
        Assert.Equal(1, server.Connections);
    }

    private static async Task<bool> SendAsync(HttpClient client, Uri uri, string value, Version version)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, uri)
        {
            Version = version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        var added = HeaderWriter.TryAdd(request.Headers, Name, value);
        using var response = await client.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return added;
    }
}
