using System.Net;

namespace Mesh.Client.Tests.Outbound.OutlierDetection;

/// <summary>The log says why an endpoint is out of rotation.</summary>
public sealed class EjectionLogTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ejected_by_statuses_names_the_last_one_and_how_many()
    {
        using var mesh = Fleet.Of(2, static service => service.Retry.MaxRetries = 0);
        mesh.Network.On(Fleet.At(1), Answers.Status(HttpStatusCode.ServiceUnavailable));

        for (var i = 0; i < 10; i++)
        {
            using var response = await mesh.Client.GetAsync(Fleet.Url, Token);
        }

        Assert.Contains("(ConsecutiveFailures): 5 attempts in a row failed, the last one with: HTTP 503. Then one request tries it "
            + "again.", Line(mesh), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ejected_by_refused_connections_says_refused()
    {
        using var mesh = Fleet.Of(2, static service => service.Retry.MaxRetries = 0);
        mesh.All(Answers.Throw(ScriptedNetwork.Refused));

        for (var i = 0; i < 6; i++)
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Client.GetAsync(Fleet.Url, Token));
        }

        Assert.Contains("(ConnectFailures): 3 connections in a row failed, the last one with: connect_failure (Connection refused). "
            + "", Line(mesh), StringComparison.Ordinal);
    }

    /// <summary>What .NET says of them is only that there is a cause.</summary>
    [Theory]
    [InlineData(HttpRequestError.SecureConnectionError, "connect_failure (UntrustedRoot)")]
    [InlineData(HttpRequestError.Unknown, "upstream_reset (Connection reset by peer)")]
    public async Task Ejected_says_the_cause_that_stands_below(HttpRequestError error, string expected)
    {
        using var mesh = Fleet.Of(2, static service => service.Retry.MaxRetries = 0);
        mesh.Network.On(Fleet.At(1), Answers.Throw(() => error == HttpRequestError.SecureConnectionError
            ? new HttpRequestException(
                error,
                "The SSL connection could not be established, see inner exception.",
                new System.Security.Authentication.AuthenticationException("UntrustedRoot"))
            : new HttpRequestException(
                error, "An error occurred while sending the request.", new IOException("Connection reset by peer"))));

        for (var i = 0; i < 40; i++)
        {
            _ = await Record.ExceptionAsync(() => mesh.Client.GetAsync(Fleet.Url, Token));
        }

        Assert.Contains("the last one with: " + expected, Line(mesh), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ejected_by_their_share_says_how_many_of_how_many()
    {
        using var mesh = Fleet.Of(2, static service => service.Retry.MaxRetries = 0);
        var turn = 0;
        mesh.Network.On(Fleet.At(1), (request, token) => turn++ % 4 == 3 ? Answers.Status(HttpStatusCode.OK)(request, token)
            : Answers.Status(HttpStatusCode.BadGateway)(request, token));

        for (var i = 0; i < 14; i++)
        {
            using var response = await mesh.Client.GetAsync(Fleet.Url, Token);
        }

        Assert.Contains("(FailureRatio): 5 of 6 attempts of the last seconds failed, the last one with: HTTP 502. "
            + "", Line(mesh), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ejected_by_its_trial_says_how_that_failed()
    {
        using var mesh = Fleet.Of(2, static service => service.Retry.MaxRetries = 0);
        mesh.Network.On(Fleet.At(1), Answers.Status(HttpStatusCode.ServiceUnavailable));
        for (var i = 0; i < 20 && !mesh.Logs.GetSnapshot().Any(static record => record.Id.Id == 1200); i++)
        {
            using var response = await mesh.Client.GetAsync(Fleet.Url, Token);
        }

        mesh.Time.Advance(TimeSpan.FromSeconds(5));
        for (var i = 0; i < 20; i++)
        {
            using var response = await mesh.Client.GetAsync(Fleet.Url, Token);
        }

        var line = mesh.Logs.GetSnapshot().Last(static record => record.Id.Id == 1200).Message;
        Assert.Contains("(TrialFailed): its trial failed with: HTTP 503. ", line, StringComparison.Ordinal);
    }

    /// <summary>What the log names if the endpoint is ejected for it later.</summary>
    [Theory]
    [InlineData(HttpStatusCode.OK, null)]
    [InlineData(HttpStatusCode.NoContent, null)]
    [InlineData(HttpStatusCode.BadRequest, "HTTP 400")]
    [InlineData(HttpStatusCode.NotFound, "HTTP 404")]
    public async Task Answer_from_400_on_is_noted_as_the_last_failure(HttpStatusCode status, string? noted)
    {
        using var mesh = Fleet.Of(2);
        mesh.All(Answers.Status(status));

        using var response = await mesh.Client.GetAsync(Fleet.Url, Token);

        Assert.Equal(noted, mesh.Endpoint(1).Health.LastFailure ?? mesh.Endpoint(2).Health.LastFailure);
    }

    [Theory]
    [InlineData(true, "the response body broke off")]
    [InlineData(false, "upstream_error")]
    public async Task Failure_behind_the_head_is_noted_as_what_it_was(bool breaks, string noted)
    {
        using var mesh = Fleet.Of(1);
        mesh.All((_, _) =>
        {
            var answer = new HttpResponseMessage(HttpStatusCode.OK)
            {
                Version = HttpVersion.Version20,
                Content = breaks ? new StreamContent(new BreakingStream(10, Answers.Broken())) : new TrackedContent("message"),
            };
            answer.Content.Headers.ContentType = new("application/grpc");
            answer.TrailingHeaders.Add("grpc-status", "14");
            return Task.FromResult(answer);
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, Fleet.Url)
        {
            Version = HttpVersion.Version20,
            Content = new ByteArrayContent([0]) { Headers = { ContentType = new("application/grpc") } },
        };

        using var response = await mesh.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        _ = await Record.ExceptionAsync(() => response.Content.CopyToAsync(Stream.Null, Token));

        Assert.Equal(noted, mesh.Endpoint(1).Health.LastFailure);
    }

    private static string Line(MeshFixture mesh) => mesh.Logs.GetSnapshot().First(static record => record.Id.Id == 1200).Message;
}
