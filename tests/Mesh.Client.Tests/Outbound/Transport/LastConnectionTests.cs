using System.Net;
using System.Net.Sockets;
using Mesh.Client.Outbound.Transport;

namespace Mesh.Client.Tests.Outbound.Transport;

/// <summary>For which requests the failure of a connection counts.</summary>
public sealed class LastConnectionTests
{
    private readonly LastConnection _last = new(secure: true);
    private readonly IOException _failure = new("gone");

    [Fact]
    public void ThrowIfFailed_counts_for_all_that_were_sent_before_the_failure()
    {
        using var first = Sent();
        using var second = Sent();

        Assert.False(IsFailed(first));
        _last.Failed(_failure);

        Assert.True(IsFailed(first));
        Assert.True(IsFailed(second));
    }

    [Fact]
    public void ThrowIfFailed_one_that_is_sent_after_it_gets_a_connection_of_its_own()
    {
        using var early = Sent();
        _last.Failed(_failure);
        using var late = Sent();

        Assert.False(IsFailed(late));
        Assert.True(IsFailed(early));

        _last.Failed(_failure);
        Assert.True(IsFailed(late));
    }

    [Fact]
    public void ThrowIfFailed_a_request_that_is_sent_again_counts_as_late()
    {
        using var request = Sent();
        _last.Failed(_failure);
        _last.Sending(request);

        Assert.False(IsFailed(request));
    }

    [Fact]
    public void ThrowIfFailed_not_once_a_connection_has_come_through()
    {
        using var request = Sent();
        _last.Failed(_failure);
        _last.Opened(Stream.Null);

        Assert.False(IsFailed(request));
    }

    [Fact]
    public async Task ThrowIfFailed_only_once_the_open_connection_is_closed()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(listener.LocalEndpoint, TestContext.Current.CancellationToken);
        await using var connection = new NetworkStream(socket, ownsSocket: true);
        _last.Opened(connection);
        using var request = Sent();

        _last.Failed(_failure);
        Assert.False(IsFailed(request));

        await connection.DisposeAsync();
        _last.Failed(_failure);
        Assert.True(IsFailed(request));
    }

    /// <summary>Each of these opens its own connection from the start.</summary>
    [Theory]
    [InlineData(true, "1.1", HttpVersionPolicy.RequestVersionOrLower, false)]
    [InlineData(true, "1.1", HttpVersionPolicy.RequestVersionOrHigher, true)]
    [InlineData(true, "2.0", HttpVersionPolicy.RequestVersionOrLower, true)]
    [InlineData(false, "1.1", HttpVersionPolicy.RequestVersionOrHigher, false)]
    [InlineData(false, "2.0", HttpVersionPolicy.RequestVersionOrLower, false)]
    [InlineData(false, "2.0", HttpVersionPolicy.RequestVersionExact, true)]
    public void ThrowIfFailed_only_for_what_goes_over_http2(bool secure, string version, HttpVersionPolicy policy, bool fails)
    {
        var last = new LastConnection(secure);
        using var request = new HttpRequestMessage { Version = Version.Parse(version), VersionPolicy = policy };
        last.Sending(request);
        last.Failed(_failure);

        Assert.Equal(fails, Record.Exception(() => last.ThrowIfFailed(request)) is not null);
    }

    private HttpRequestMessage Sent()
    {
        var request = new HttpRequestMessage { Version = HttpVersion.Version20 };
        _last.Sending(request);
        return request;
    }

    private bool IsFailed(HttpRequestMessage request)
    {
        var exception = Record.Exception(() => _last.ThrowIfFailed(request));
        Assert.True(exception is null || exception == _failure);
        return exception is not null;
    }
}
