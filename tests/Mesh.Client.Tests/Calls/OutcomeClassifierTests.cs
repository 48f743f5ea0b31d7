using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Mesh.Client.Calls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Tests.Calls;

/// <summary>Who is to blame when the sending of a body fails: the runtime says the same for a body that cannot be read and an endpoint that takes no more.</summary>
public sealed class OutcomeClassifierTests
{
    public static TheoryData<string> BodyFailures => ["file", "own caller reset", "own caller gone", "bad request"];

    public static TheoryData<string> EndpointFailures => ["socket", "below tls", "protocol"];

    [Theory]
    [MemberData(nameof(BodyFailures))]
    public void Classify_body_that_cannot_be_read_is_no_failure_of_the_endpoint(string kind)
    {
        using var body = new StreamContent(new ForwardOnlyStream([1]));

        Assert.Equal(CallOutcome.LocalError, OutcomeClassifier.Classify(Copying(Cause(kind)), ownPrimary: false, body));
    }

    [Theory]
    [MemberData(nameof(BodyFailures))]
    public void Classify_body_in_memory_cannot_be_the_cause(string kind)
    {
        using var bytes = new ByteArrayContent([1]);
        using var json = JsonContent.Create(1);

        Assert.All(new HttpContent?[] { bytes, json, null }, body => Assert.Equal(CallOutcome.UpstreamReset, OutcomeClassifier.Classify(Copying(Cause(kind)), ownPrimary: false, body)));
    }

    [Theory]
    [MemberData(nameof(EndpointFailures))]
    public void Classify_endpoint_that_takes_no_more_is_a_reset_whatever_the_body(string kind)
    {
        using var stream = new StreamContent(new ForwardOnlyStream([1]));

        Assert.Equal(CallOutcome.UpstreamReset, OutcomeClassifier.Classify(Copying(Cause(kind)), ownPrimary: false, stream));
    }

    private static HttpRequestException Copying(Exception cause) => new("Error while copying content to a stream.", cause);

    private static IOException Cause(string kind) => kind switch
    {
        "file" => new IOException("The disk is gone."),
        "own caller reset" => new ConnectionResetException("Reset.", new SocketException((int)SocketError.ConnectionReset)),
        "own caller gone" => new BadHttpRequestException("Unexpected end of request content."),
        "bad request" => new BadHttpRequestException("Too slow.", (int)HttpStatusCode.RequestTimeout),
        "socket" => new IOException("Broken pipe.", new SocketException((int)SocketError.Shutdown)),
        "below tls" => new IOException("Encrypting failed.", new IOException("Broken pipe.", new SocketException((int)SocketError.ConnectionReset))),
        "protocol" => new HttpProtocolException(1, "Protocol error.", null),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
