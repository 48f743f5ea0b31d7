using System.Net;
using Mesh.Client.Outbound.Calls;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>Which quick answers are held against those of the other endpoints.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData(200, null, false)]
    [InlineData(204, null, false)]
    [InlineData(101, null, true)]
    [InlineData(101, "Upgrade: websocket", false)]
    [InlineData(206, null, true)]
    [InlineData(206, "Range: bytes=0-9", false)]
    [InlineData(206, "If-Range: \"a\"", true)]
    [InlineData(304, null, true)]
    [InlineData(304, "If-None-Match: \"a\"", false)]
    [InlineData(302, null, true)]
    [InlineData(404, null, false)]
    public void Is_an_answer_that_the_request_did_not_ask_for(int status, string? header, bool expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Fleet.Url);
        if (header?.Split(": ") is [var name, var value])
        {
            request.Headers.Add(name, value);
        }

        using var response = new HttpResponseMessage((HttpStatusCode)status);

        Assert.Equal(expected, Refusal.Is(request, response, grpc: false, rpc: null));
    }

    /// <summary>Without a message, status 0 fails a unary call. A gateway that translates to JSON may send it beside a body.</summary>
    [Theory]
    [InlineData(true, null, false)]
    [InlineData(true, 0, true)]
    [InlineData(true, 5, true)]
    [InlineData(false, 0, false)]
    [InlineData(false, 5, true)]
    public void Is_a_status_of_gRPC_without_a_message(bool grpc, int? status, bool expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Fleet.Url);
        using var response = new HttpResponseMessage(HttpStatusCode.OK);

        Assert.Equal(expected, Refusal.Is(request, response, grpc, status));
    }
}
