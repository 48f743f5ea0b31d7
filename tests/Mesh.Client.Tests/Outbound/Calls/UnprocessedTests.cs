using System.Net;
using System.Net.Http.Json;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>What the server says it has not processed is sent to it again, once or a few times, and then goes elsewhere, whatever the
/// method: that counts as the endpoint's failure and takes
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

    /// <summary>Of the only endpoint a little more is waited for.</summary>
    [Theory]
    [InlineData(1, 3, 0, "none", 4)]
    [InlineData(1, 3, 0, "json", 4)]
    [InlineData(1, 3, 0, "custom", 4)]
    [InlineData(1, 4, 1, "none", 5)]
    [InlineData(2, 1, 0, "none", 2)]
    [InlineData(2, 2, 1, "none", 3)]
    public async Task Send_refused_stream_is_sent_again_before_it_is_a_failure(
        int endpoints, int refusals, int failures, string body, int expected)
    {
        using var mesh = Fleet.Of(endpoints);
        var sent = 0;
        mesh.All((_, _) => ++sent <= refusals ? throw Refused() : Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)));
        using var request = new HttpRequestMessage(HttpMethod.Post, Fleet.Url) { Content = Content(body) };
        request.Headers.Add("X-Odd", "a");

        var call = mesh.Client.SendAsync(request, Token);
        mesh.Time.Advance(TimeSpan.FromSeconds(1));
        using var response = await call;

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(expected, sent);
        Assert.Equal(failures > 0, mesh.Catalog().Endpoints.Current.All.Any(endpoint => endpoint.Health.LastFailure is not null));
        Assert.Equal(failures > 0, mesh.Catalog().Budget.FailureShare > 0);
        Assert.Equal(0, mesh.InFlight());
        Assert.Equal(Fleet.Url, request.RequestUri!.AbsoluteUri);
        Assert.Equal("X-Odd", Assert.Single(request.Headers).Key);
    }

    [Fact]
    public async Task Send_refused_stream_is_not_sent_again_where_retries_are_switched_off()
    {
        using var mesh = Fleet.Of(1, s => s.Retry.MaxRetries = 0);
        mesh.All(Answers.Throw(Refused));
        await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Client.GetAsync(Fleet.Url, Token));
        Assert.Single(mesh.Network.Received);
    }

    [Fact]
    public async Task Send_refused_stream_is_not_sent_again_for_a_caller_who_has_left()
    {
        using var mesh = Fleet.Of(1);
        using var caller = new CancellationTokenSource();
        mesh.All((_, _) =>
        {
            caller.Cancel();
            throw Refused();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => mesh.Client.GetAsync(Fleet.Url, caller.Token));
        Assert.Single(mesh.Network.Received);
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
