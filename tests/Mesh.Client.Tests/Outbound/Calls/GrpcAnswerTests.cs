using System.Net;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Calls;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>What gRPC callers get for a call that has no answer.</summary>
public sealed class GrpcAnswerTests
{
    [Theory]
    [InlineData("NoEndpoint", 14)]
    [InlineData("CircuitOpen", 14)]
    [InlineData("ConnectFailure", 14)]
    [InlineData("UpstreamReset", 14)]
    [InlineData("UpstreamError", 14)]
    [InlineData("Timeout", 4)]
    [InlineData("Deadline", 4)]
    [InlineData("TokenFailure", 16)]
    [InlineData("Overloaded", 8)]
    [InlineData("Canceled", null)]
    [InlineData("LocalError", null)]
    [InlineData("Ok", null)]
    public void StatusOf_what_the_mesh_has_to_say_and_nothing_of_the_callers_own(string outcome, int? status)
    {
        Assert.Equal(status, GrpcAnswer.StatusOf(Enum.Parse<CallOutcome>(outcome)));
        Assert.Equal(12, Enum.GetValues<CallOutcome>().Length);
    }

    [Fact]
    public void For_a_request_of_gRPC_is_an_answer_to_it()
    {
        using var request = Request("application/grpc");

        using var answer = GrpcAnswer.For(request, new HttpRequestException("Refused."))!;

        Assert.Same(request, answer.RequestMessage);
        Assert.Equal(
            (HttpStatusCode.OK, HttpVersion.Version20, "application/grpc"),
            (answer.StatusCode, answer.Version, answer.Content.Headers.ContentType!.MediaType));
        Assert.Equal("14", Assert.Single(answer.Headers.GetValues("grpc-status")));
        Assert.Equal("Refused.", Assert.Single(answer.Headers.GetValues("grpc-message")));
    }

    [Fact]
    public void For_any_other_request_is_none()
    {
        using var request = Request("application/json");

        Assert.Null(GrpcAnswer.For(request, new HttpRequestException("Refused.")));
    }

    [Theory]
    [InlineData("~", "~")]
    [InlineData("\u007f", "%7F")]
    [InlineData("a b", "a b")]
    [InlineData("\u001f", "%1F")]
    public void Encode_all_but_visible_ascii_and_spaces(string text, string expected) => Assert.Equal(expected, GrpcAnswer.Encode(text));

    /// <summary>A caller that gets more headers than it takes gets no status at all.</summary>
    [Fact]
    public void Encode_long_text_is_cut()
    {
        Assert.Equal(2_000, GrpcAnswer.Encode(new string('x', 2_000)).Length);
        Assert.Equal(2_000, GrpcAnswer.Encode(new string('x', 2_001)).Length);
    }

    private static HttpRequestMessage Request(string type) => new(HttpMethod.Post, "http://shop/shop.Shop/Buy")
    {
        Version = HttpVersion.Version20,
        Content = new ByteArrayContent([]) { Headers = { ContentType = new(type) } },
    };
}
