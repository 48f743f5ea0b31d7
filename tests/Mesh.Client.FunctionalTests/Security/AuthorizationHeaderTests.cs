using System.Net;
using System.Net.Sockets;
using System.Text;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>T17: a request says once, and in one form, who sends it.</summary>
public sealed class AuthorizationHeaderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", 200)]
    [InlineData("Authorization: Bearer abc.def-_~+/==\r\n", 200)]
    [InlineData("authorization: bearer abc\r\n", 200)]
    [InlineData("Authorization: Basic dTpw\r\n", 200)]
    [InlineData("Authorization: Negotiate YII=\r\n", 200)]
    [InlineData("Authorization: Digest username=\"u\", realm=\"r\"\r\n", 200)]
    [InlineData("Authorization: BearerX a b\r\n", 200)]
    [InlineData("Authorization: Bearer a\r\nAuthorization: Bearer b\r\n", 401)]
    [InlineData("Authorization: Bearer a\r\nAuthorization: Bearer a\r\n", 401)]
    [InlineData("Authorization: Basic dTpw\r\nauthorization: Bearer b\r\n", 401)]
    [InlineData("Authorization: Bearer a,Bearer b\r\n", 401)]
    [InlineData("Authorization: Bearer a, b\r\n", 401)]
    [InlineData("Authorization: Bearer a b\r\n", 401)]
    [InlineData("Authorization: Bearer  a\r\n", 401)]
    [InlineData("Authorization: Bearer\ta\r\n", 401)]
    [InlineData("Authorization: Bearer,a\r\n", 401)]
    [InlineData("Authorization: Bearer a\tb\r\n", 401)]
    [InlineData("Authorization: Bearer a=b\r\n", 200)]
    [InlineData("Authorization: Bearer ==\r\n", 200)]
    [InlineData("Authorization: Bearer \"abc\"\r\n", 200)]
    [InlineData("Authorization: Bearer key:secret\r\n", 200)]
    [InlineData("Authorization: Bearer 1|abcdef\r\n", 200)]
    [InlineData("Authorization: Bearer s3cret!x\r\n", 200)]
    [InlineData("Authorization: Bearer {5f0c}\r\n", 200)]
    [InlineData("Authorization: Bearer ab%3D\r\n", 200)]
    [InlineData("Authorization: Bearer\r\n", 200)]
    [InlineData("Authorization: Bearer \r\n", 200)]
    public async Task Multiple_and_odd_Authorization_headers_are_refused_before_the_application(string header, int expected)
    {
        var reached = 0;
        await using var server = await MeshServer.StartAsync("orders", context =>
        {
            reached++;
            return context.Response.WriteAsync("application");
        });

        var answer = await SendAsync(server.Port, header);

        Assert.StartsWith($"HTTP/1.1 {expected} ", answer, StringComparison.Ordinal);
        Assert.Equal(expected == 200 ? 1 : 0, reached);
        Assert.Equal(expected == 401, answer.Contains("WWW-Authenticate: Bearer error=\"invalid_request\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData('\u0001')]
    [InlineData('\u007f')]
    [InlineData('\0')]
    [InlineData('\r')]
    [InlineData('\u00e4')]
    public async Task Control_characters_in_a_token_never_reach_the_application(char character)
    {
        var reached = 0;
        await using var server = await MeshServer.StartAsync("orders", _ =>
        {
            reached++;
            return Task.CompletedTask;
        });

        var answer = await SendAsync(server.Port, $"Authorization: Bearer a{character}b\r\n");

        Assert.Matches("^HTTP/1.1 40[01] ", answer);
        Assert.Equal(0, reached);
    }

    private static async Task<string> SendAsync(int port, string header)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port, Token);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes($"GET / HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n{header}\r\n"), Token);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync(Token).Soon();
    }
}
