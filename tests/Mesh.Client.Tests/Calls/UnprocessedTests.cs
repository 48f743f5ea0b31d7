using System.Net;
using System.Net.Http.Json;

namespace Mesh.Client.Tests.Calls;

/// <summary>What the server says it has not processed goes elsewhere, whatever the method; it counts as the endpoint's failure and takes
/// from the budget.</summary>
public sealed class UnprocessedTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("none")]
    [InlineData("memory")]
    [InlineData("json")]
    [InlineData("custom")]
    public async Task Send_refused_stream_goes_elsewhere_also_for_post(string body)
    {
        using var mesh = Fleet.Of(2);
        mesh.Network.On(Fleet.At(1), Answers.Throw(Refused));

        for (var i = 0; i < 10; i++)
        {
            using var response = await mesh.Client.PostAsync(Fleet.Url, Content(body), Token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.True(mesh.Endpoint(1).Health.HasFailures || mesh.Endpoint(1).Health.IsEjected);
        Assert.InRange(mesh.Catalog().Budget.FailureShare, 0.01f, 0.3f);
    }

    [Theory]
    [InlineData("json", 2)]
    [InlineData("custom", 1)]
    public async Task Send_refused_after_the_body_began_goes_elsewhere_only_with_a_body_that_can_be_read_again(string body, int expected)
    {
        using var mesh = Fleet.Of(2);
        var sent = 0;
        mesh.All(async (request, token) =>
        {
            await request.Content!.CopyToAsync(Stream.Null, token);
            return ++sent == 1 ? throw Refused() : new HttpResponseMessage(HttpStatusCode.OK);
        });

        _ = await Record.ExceptionAsync(() => mesh.Client.PostAsync(Fleet.Url, Content(body), Token));

        Assert.Equal(expected, sent);
    }

    [Fact]
    public async Task Send_refused_stream_takes_from_the_budget()
    {
        using var mesh = Fleet.Of(2, s => s.Retry.BudgetRatio = 0);
        mesh.Network.On(Fleet.At(1), Answers.Throw(Refused));
        while (mesh.Catalog().Budget.TryWithdraw())
        {
        }

        var exceptions = 0;
        for (var i = 0; i < 4; i++)
        {
            exceptions += await Record.ExceptionAsync(() => mesh.Client.PostAsync(Fleet.Url, null, Token)) is null ? 0 : 1;
        }

        Assert.Equal(2, exceptions);
    }

    private static HttpContent? Content(string kind) => kind switch
    {
        "none" => null,
        "memory" => new StringContent("x"),
        "json" => JsonContent.Create(1),
        _ => new Writing(stream => stream.WriteAsync(new byte[1], 0, 1)),
    };

    private static HttpRequestException Refused() =>
        new(
            HttpRequestError.HttpProtocolError,
            "The request was aborted.",
            new HttpProtocolException(7, "The HTTP/2 server reset the stream. HTTP/2 error code 'REFUSED_STREAM' (0x7).", null));
}
