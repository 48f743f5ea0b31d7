using System.Net.Sockets;
using Mesh.Client.Calls;

namespace Mesh.Client.Tests.Calls;

/// <summary>What the network did, once it is known that the body did nothing.</summary>
public sealed class OutcomeClassifierTests
{
    public static TheoryData<string> NoConnection => ["refused", "name", "tls", "tunnel", "connect timeout", "transport gone"];

    public static TheoryData<string> Broken => ["socket", "below tls", "protocol", "ended", "plain"];

    [Theory]
    [MemberData(nameof(NoConnection))]
    public void Classify_no_connection_is_a_connect_failure_only_while_the_body_has_not_begun(string kind)
    {
        Assert.Equal(CallOutcome.ConnectFailure, OutcomeClassifier.Classify(Cause(kind), ownPrimary: false, BodyState.Unwatched));
        Assert.Equal(CallOutcome.ConnectFailure, OutcomeClassifier.Classify(Cause(kind), ownPrimary: false, BodyState.NotBegun));
        Assert.Equal(CallOutcome.UpstreamReset, OutcomeClassifier.Classify(Cause(kind), ownPrimary: false, BodyState.Begun));
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void Classify_broken_connection_is_a_reset(string kind)
    {
        Assert.Equal(CallOutcome.UpstreamReset, OutcomeClassifier.Classify(Cause(kind), ownPrimary: false, BodyState.Unwatched));
        Assert.Equal(CallOutcome.UpstreamReset, OutcomeClassifier.Classify(Cause(kind), ownPrimary: false, BodyState.Begun));
    }

    [Fact]
    public void Classify_what_is_written_to_was_closed_is_a_reset_if_the_body_had_begun()
    {
        var closed = new HttpRequestException("Error while copying content to a stream.", new ObjectDisposedException("NetworkStream"));

        Assert.Equal(CallOutcome.UpstreamReset, OutcomeClassifier.Classify(closed, ownPrimary: false, BodyState.Begun));
        Assert.Equal(CallOutcome.LocalError, OutcomeClassifier.Classify(closed, ownPrimary: false, BodyState.NotBegun));
    }

    [Fact]
    public void Classify_cancellation_without_a_cause_is_the_transports_if_the_body_had_begun()
    {
        Assert.Equal(
            CallOutcome.UpstreamReset, OutcomeClassifier.Classify(new TaskCanceledException(), ownPrimary: false, BodyState.Begun));
        Assert.Equal(CallOutcome.LocalError, OutcomeClassifier.Classify(new TaskCanceledException(), ownPrimary: true, BodyState.Begun));
        Assert.Equal(
            CallOutcome.LocalError, OutcomeClassifier.Classify(new TaskCanceledException(), ownPrimary: false, BodyState.NotBegun));
    }

    [Fact]
    public void Classify_connections_that_were_closing_is_a_reset_of_what_was_not_processed()
    {
        // What .NET 10 throws when it has met nothing but HTTP/2 connections behind their GOAWAY.
        var closing = new HttpRequestException("The server shut down the connection.");

        Assert.Equal(CallOutcome.UpstreamReset, OutcomeClassifier.Classify(closing, ownPrimary: false, BodyState.Unwatched));
        Assert.True(OutcomeClassifier.IsUnprocessed(closing));
        Assert.Equal(
            CallOutcome.LocalError,
            OutcomeClassifier.Classify(new HttpRequestException("Request headers must contain only ASCII characters."), ownPrimary: false,
                BodyState.Unwatched));
    }

    [Fact]
    public void IsUnprocessed_a_refused_stream_or_one_beyond_the_last()
    {
        // Beyond the last: the runtime's own text over a cause without an error code.
        Assert.True(OutcomeClassifier.IsUnprocessed(Protocol("The request was aborted.", 0x0)));
        Assert.True(OutcomeClassifier.IsUnprocessed(Protocol(null, 0x7)));
        Assert.True(OutcomeClassifier.IsUnprocessed(Protocol(null, 0x10b)));
        Assert.False(OutcomeClassifier.IsUnprocessed(Protocol(null, 0x0)));
        Assert.False(OutcomeClassifier.IsUnprocessed(Protocol(null, 0x8)));
        Assert.False(OutcomeClassifier.IsUnprocessed(Answers.Broken()));
        Assert.False(OutcomeClassifier.IsUnprocessed(new HttpProtocolException(0x7, "Refused.", null)));
    }

    private static HttpRequestException Protocol(string? message, long code)
    {
        var cause = new HttpProtocolException(code, "The HTTP/2 server reset the stream.", null);
        return new HttpRequestException(HttpRequestError.HttpProtocolError, message ?? cause.Message, cause);
    }

    private static Exception Cause(string kind) => kind switch
    {
        "refused" => ScriptedNetwork.Refused(),
        "name" => new HttpRequestException(HttpRequestError.NameResolutionError),
        "tls" => new HttpRequestException(HttpRequestError.SecureConnectionError),
        "tunnel" => new HttpRequestException(HttpRequestError.ProxyTunnelError),
        "connect timeout" => new TaskCanceledException("", new TimeoutException()),
        "transport gone" => new ObjectDisposedException(typeof(SocketsHttpHandler).FullName),
        "socket" => Copying(new IOException("Broken pipe.", new SocketException((int)SocketError.Shutdown))),
        "below tls" => Copying(
            new IOException("Encrypting failed.", new IOException("Broken pipe.", new SocketException((int)SocketError.ConnectionReset)))),
        "protocol" => Copying(new HttpProtocolException(1, "Protocol error.", null)),
        "ended" => Answers.Broken(),
        "plain" => new IOException("Broken."),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static HttpRequestException Copying(Exception cause) => new("Error while copying content to a stream.", cause);
}
