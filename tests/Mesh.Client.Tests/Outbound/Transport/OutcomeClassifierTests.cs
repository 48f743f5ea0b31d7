using System.Net;
using System.Net.Sockets;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Transport;

namespace Mesh.Client.Tests.Outbound.Transport;

/// <summary>What the network did, once it is known that the body did nothing.</summary>
public sealed class OutcomeClassifierTests
{
    public static TheoryData<string> NoConnection =>
    [
        "refused", "name", "tls", "tunnel", "connect timeout", "transport gone", "its handler gone", "its invoker gone",
        "no handshake", "no handshake by key",
        "its own invoker gone", "no handshake below", "no handshake below by key",
    ];

    public static TheoryData<string> Broken =>
        ["socket", "below tls", "bare socket", "protocol", "ended", "plain", "aborted", "aborted by key"];

    [Theory]
    [InlineData(200, false, "Ok")]
    [InlineData(404, false, "Ok")]
    [InlineData(428, false, "Ok")]
    [InlineData(429, false, "Overloaded")]
    [InlineData(430, false, "Ok")]
    [InlineData(499, false, "Ok")]
    [InlineData(500, false, "UpstreamError")]
    [InlineData(501, false, "Ok")]
    [InlineData(502, false, "UpstreamError")]
    [InlineData(503, false, "UpstreamError")]
    [InlineData(503, true, "Overloaded")]
    [InlineData(500, true, "UpstreamError")]
    [InlineData(504, false, "UpstreamError")]
    [InlineData(505, false, "Ok")]
    [InlineData(599, false, "UpstreamError")]
    public void Classify_answer_is_its_status_and_what_the_mesh_says_of_it(int status, bool overloaded, string outcome)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status);
        if (overloaded)
        {
            response.Headers.Add("mesh-overloaded", "1");
        }

        Assert.Equal(outcome, OutcomeClassifier.Classify(response).ToString());
    }

    [Theory]
    [MemberData(nameof(NoConnection))]
    public void Classify_no_connection_is_a_connect_failure_only_while_the_body_has_not_begun(string kind)
    {
        Assert.Equal(CallOutcome.ConnectFailure, OutcomeClassifier.Classify(Cause(kind), ownPrimary: false, BodyState.Unwatched));
        Assert.Equal(CallOutcome.ConnectFailure, OutcomeClassifier.Classify(Cause(kind), ownPrimary: false, BodyState.NotBegun));
        Assert.Equal(CallOutcome.UpstreamReset, OutcomeClassifier.Classify(Cause(kind), ownPrimary: false, BodyState.Begun));
        Assert.Equal(
            CallOutcome.ConnectFailure, OutcomeClassifier.Classify(Cause(kind), ownPrimary: false, BodyState.Begun, reconnects: true));
    }

    /// <summary>However deep the cause is.</summary>
    [Theory]
    [InlineData(SocketError.TooManyOpenSockets, true)]
    [InlineData(SocketError.NoBufferSpaceAvailable, true)]
    [InlineData(SocketError.ConnectionRefused, false)]
    [InlineData(SocketError.AddressNotAvailable, false)]
    public void Classify_process_without_sockets_is_its_own_error(SocketError error, bool own)
    {
        var socket = new SocketException((int)error);
        foreach (var exception in new[]
        {
            new HttpRequestException(HttpRequestError.ConnectionError, socket.Message, socket),
            new HttpRequestException(HttpRequestError.NameResolutionError, socket.Message, socket),
            new HttpRequestException(HttpRequestError.ConnectionError, "No connection.", new IOException("No socket.", socket)),
        })
        {
            Assert.Equal(own, OutcomeClassifier.IsOutOfSockets(exception));
            Assert.Equal(
                own ? CallOutcome.LocalError : CallOutcome.ConnectFailure,
                OutcomeClassifier.Classify(exception, ownPrimary: false, BodyState.NotBegun));
        }
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void Classify_broken_connection_is_a_reset(string kind)
    {
        Assert.Equal(CallOutcome.UpstreamReset, OutcomeClassifier.Classify(Cause(kind), ownPrimary: false, BodyState.Unwatched));
        Assert.Equal(
            CallOutcome.UpstreamReset, OutcomeClassifier.Classify(Cause(kind), ownPrimary: false, BodyState.Begun, reconnects: true));
        Assert.Equal(CallOutcome.UpstreamReset, OutcomeClassifier.Classify(Cause(kind), ownPrimary: false, BodyState.Begun));
    }

    [Fact]
    public void Classify_what_is_written_to_was_closed_is_a_reset_if_the_body_had_begun()
    {
        var closed = new HttpRequestException("Error while copying content to a stream.", new ObjectDisposedException("NetworkStream"));

        Assert.Equal(CallOutcome.UpstreamReset, OutcomeClassifier.Classify(closed, ownPrimary: false, BodyState.Begun));
        Assert.Equal(CallOutcome.LocalError, OutcomeClassifier.Classify(closed, ownPrimary: false, BodyState.NotBegun));
    }

    /// <summary>It may do so at any time, also when the request was sent.</summary>
    [Fact]
    public void Classify_handler_of_the_users_that_gives_up_is_a_timeout() =>
        Assert.Equal(CallOutcome.Timeout, OutcomeClassifier.Classify(Cause("connect timeout"), ownPrimary: true, BodyState.Unwatched));

    [Theory]
    [InlineData(HttpRequestError.ConfigurationLimitExceeded)]
    [InlineData(HttpRequestError.UserAuthenticationError)]
    [InlineData(HttpRequestError.VersionNegotiationError)]
    public void Classify_what_the_settings_of_the_client_do_not_allow_is_its_own_error(HttpRequestError error) =>
        Assert.Equal(
            CallOutcome.LocalError, OutcomeClassifier.Classify(new HttpRequestException(error), ownPrimary: false, BodyState.Begun));

    [Theory]
    [InlineData("Connection refused (127.0.0.1:1)", "http://127.0.0.1:1/", false)]
    [InlineData("Connection refused (127.0.0.1:1)", "http://127.0.0.1:2/", true)]
    [InlineData("Connection refused (127.0.0.1:80)", "http://127.0.0.2/", true)]
    [InlineData("Connection refused ([::1]:1)", "http://[::1]:1/", false)]
    [InlineData("Connection refused ([::2]:1)", "http://[::1]:1/", true)]
    [InlineData("Connection refused (Catalog-1:443)", "https://catalog-1/", false)]
    [InlineData("Name or service not known (xn--bcher-kva:80)", "http://b\u00fccher/", false)]
    [InlineData("Name or service not known (proxy:3128)", "http://catalog-1/", true)]
    [InlineData("Connection refused", "http://catalog-1/", false)]
    [InlineData("Connection refused (at once)", "http://catalog-1/", false)]
    [InlineData("Connection refused (:80)", "http://catalog-1/", false)]
    [InlineData(")", "http://catalog-1/", false)]
    public void NamesAnother_compares_the_address_at_the_end(string message, string address, bool another)
    {
        foreach (var error in new[] { HttpRequestError.ConnectionError, HttpRequestError.NameResolutionError })
        {
            Assert.Equal(another, OutcomeClassifier.NamesAnother(new HttpRequestException(error, message), new Uri(address)));
        }

        Assert.False(OutcomeClassifier.NamesAnother(new HttpRequestException(message), new Uri(address)));
        Assert.False(OutcomeClassifier.NamesAnother(new HttpRequestException(HttpRequestError.ConnectionError, message), address: null));
    }

    [Theory]
    [InlineData(0xd, "The HTTP/2 server closed the connection.", true, true)]
    [InlineData(0xd, "The HTTP/2 server reset the stream.", false, false)]
    [InlineData(0x1, "The HTTP/2 server sent invalid data on the connection.", false, true)]
    [InlineData(0x1, "The HTTP/2 server reset the stream.", false, false)]
    [InlineData(0x2, "The HTTP/2 server closed the connection.", false, false)]
    public void What_is_not_HTTP_2_is_told_by_the_code_of_the_connection(int code, string message, bool http1, bool notHttp2)
    {
        var cause = new HttpProtocolException(code, message, null);
        foreach (var exception in new[] { new HttpRequestException(HttpRequestError.HttpProtocolError, message, cause), Copying(cause) })
        {
            Assert.Equal(http1, OutcomeClassifier.IsHttp1(exception));
            Assert.Equal(notHttp2, OutcomeClassifier.IsNotHttp2(exception));
            Assert.Equal(
                http1 ? CallOutcome.LocalError : CallOutcome.UpstreamReset,
                OutcomeClassifier.Classify(exception, ownPrimary: false, BodyState.Begun));
        }
    }

    [Fact]
    public void Classify_object_of_the_applications_that_was_disposed_of_is_its_own_error() =>
        Assert.Equal(
            CallOutcome.LocalError,
            OutcomeClassifier.Classify(new ObjectDisposedException("Shop.Prices"), ownPrimary: false, BodyState.Unwatched));

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
        Assert.False(
            OutcomeClassifier.IsUnprocessed(
                new HttpRequestException(HttpRequestError.ConnectionError, "Refused.", new HttpProtocolException(0x7, "Refused.", null))));
    }

    /// <summary>What .NET 10 says of the codes. Only the reset of a stream is about its request: a GOAWAY with the same code, too, comes to
    /// streams that the server has taken.</summary>
    [Theory]
    [InlineData(0x7, "The HTTP/2 server reset the stream. HTTP/2 error code 'REFUSED_STREAM' (0x7).", true)]
    [InlineData(0x7, "net_http_http2_stream_error, REFUSED_STREAM, 7", true)]
    [InlineData(0x10b, "The HTTP/3 server reset the stream. HTTP/3 error code 'H3_REQUEST_REJECTED' (0x10b).", true)]
    [InlineData(0x10b, "net_http_http3_stream_error, H3_REQUEST_REJECTED, 10b", true)]
    [InlineData(0x7, "The HTTP/2 server closed the connection. HTTP/2 error code 'REFUSED_STREAM' (0x7).", false)]
    [InlineData(0x7, "net_http_http2_connection_close, REFUSED_STREAM, 7", false)]
    [InlineData(0x7, "The HTTP/2 server sent invalid data on the connection. HTTP/2 error code 'REFUSED_STREAM' (0x7).", false)]
    [InlineData(0x7, "A text of a later runtime.", false)]
    [InlineData(0x10b, "The HTTP/3 server closed the connection. HTTP/3 error code 'H3_REQUEST_REJECTED' (0x10b).", false)]
    public void IsUnprocessed_a_code_counts_only_where_it_is_the_streams(long code, string text, bool expected)
    {
        var cause = new HttpProtocolException(code, text, null);

        Assert.Equal(expected, OutcomeClassifier.IsUnprocessed(new HttpRequestException(HttpRequestError.HttpProtocolError, text, cause)));

        // The body may meet it first. And what the runtime itself would repeat is unprocessed, whatever the cause.
        Assert.Equal(expected, OutcomeClassifier.IsUnprocessed(Over("Error while copying content to a stream.", cause)));
        Assert.True(OutcomeClassifier.IsUnprocessed(Over("The request was aborted.", cause)));
        Assert.True(OutcomeClassifier.IsUnprocessed(Over("net_http_request_aborted", cause)));
    }

    /// <summary>Over HTTP/3 this text stands over every end of a stream and of a connection.</summary>
    [Theory]
    [InlineData("An error occurred while sending the request.")]
    [InlineData("net_http_client_execution_error")]
    public void IsUnprocessed_not_by_a_text_that_does_not_say_so(string message)
    {
        var cause = new HttpProtocolException(
            0x102, "The HTTP/3 server reset the stream. HTTP/3 error code 'H3_INTERNAL_ERROR' (0x102).", null);
        Assert.False(OutcomeClassifier.IsUnprocessed(Over(message, cause)));
    }

    /// <summary>The runtime puts a text of its own over this cause, too: the body has met the end of a stream that the server may well have
    /// processed.</summary>
    [Theory]
    [InlineData("Error while copying content to a stream.")]
    [InlineData("net_http_content_stream_copy_error")]
    public void IsUnprocessed_not_where_the_body_met_the_broken_stream(string message) =>
        Assert.False(OutcomeClassifier.IsUnprocessed(Protocol(message, 0x0)));

    [Fact]
    public void IsUnprocessed_not_where_a_closing_connection_broke() =>
        Assert.False(
            OutcomeClassifier.IsUnprocessed(new HttpRequestException("The server shut down the connection.", new IOException("Broken."))));

    private static HttpRequestException Protocol(string? message, long code)
    {
        var cause = new HttpProtocolException(code, "The HTTP/2 server reset the stream.", null);
        return new HttpRequestException(HttpRequestError.HttpProtocolError, message ?? cause.Message, cause);
    }

    private static HttpRequestException Over(string message, HttpProtocolException cause) =>
        new(HttpRequestError.HttpProtocolError, message, cause);

    private static Exception Cause(string kind) => kind switch
    {
        "refused" => ScriptedNetwork.Refused(),
        "name" => new HttpRequestException(HttpRequestError.NameResolutionError),
        "tls" => new HttpRequestException(HttpRequestError.SecureConnectionError),
        "tunnel" => new HttpRequestException(HttpRequestError.ProxyTunnelError),
        "connect timeout" => new TaskCanceledException("", new TimeoutException()),
        "transport gone" => new ObjectDisposedException(typeof(SocketsHttpHandler).FullName),
        "its handler gone" => new ObjectDisposedException(typeof(EndpointTransport).FullName),
        "its invoker gone" => new ObjectDisposedException(typeof(HttpMessageInvoker).FullName),
        "its own invoker gone" => new ObjectDisposedException(typeof(EndpointInvoker).FullName),
        "bare socket" => new HttpRequestException("Broken.", new SocketException((int)SocketError.ConnectionReset)),
        "socket" => Copying(new IOException("Broken pipe.", new SocketException((int)SocketError.Shutdown))),
        "below tls" => Copying(
            new IOException("Encrypting failed.", new IOException("Broken pipe.", new SocketException((int)SocketError.ConnectionReset)))),
        "protocol" => Copying(new HttpProtocolException(1, "Protocol error.", null)),
        "ended" => Answers.Broken(),
        "no handshake" => new HttpRequestException(
            "An HTTP/2 connection could not be established because the server did not complete the HTTP/2 handshake."),
        "no handshake by key" => new HttpRequestException("net_http_http2_connection_not_established"),
        "no handshake below" => new HttpRequestException(
            "An error occurred while sending the request.",
            new IOException(
                "An HTTP/2 connection could not be established because the server did not complete the HTTP/2 handshake.",
                new IOException("The response ended prematurely."))),
        "no handshake below by key" => new HttpRequestException(
            "net_http_client_execution_error", new IOException("net_http_http2_connection_not_established")),
        "aborted" => new HttpRequestException("The request was aborted."),
        "aborted by key" => new HttpRequestException("net_http_request_aborted"),
        "plain" => new IOException("Broken."),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static HttpRequestException Copying(Exception cause) => new("Error while copying content to a stream.", cause);
}
