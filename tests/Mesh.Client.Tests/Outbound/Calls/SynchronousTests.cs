using System.Net;
using Mesh.Client.Options;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary><see cref="HttpClient.Send(HttpRequestMessage)"/> does what the asynchronous call does.</summary>
public sealed class SynchronousTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Send_ok_answers()
    {
        using var mesh = Fleet.Of(2);
        using var response = mesh.Client.Send(Get(), Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(0, mesh.InFlight());
    }

    [Fact]
    public void Send_failures_are_returned_when_retries_are_exhausted()
    {
        using var mesh = Fleet.Of(2, s => s.Retry.MaxRetries = 1);
        mesh.All(Answers.Status(HttpStatusCode.BadGateway));
        using var response = mesh.Client.Send(Get(), Token);
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal(2, mesh.Network.Received.Count);

        mesh.All(Answers.Throw(ScriptedNetwork.Refused));
        Assert.Equal(
            HttpRequestError.ConnectionError, Assert.Throws<HttpRequestException>(() => mesh.Client.Send(Get(), Token)).HttpRequestError);
        Assert.Equal(0, mesh.InFlight());
    }

    [Fact]
    public void Send_without_endpoints_or_service_says_so()
    {
        using var mesh = new MeshFixture(options => options.Services[Fleet.Name] = new ServiceOptions());
        Assert.Throws<NoEndpointException>(() => mesh.Client.Send(Get(), Token));
        Assert.Throws<NoEndpointException>(() => mesh.Client.Send(new HttpRequestMessage(HttpMethod.Get, "mesh://nobody/"), Token));
    }

    [Fact]
    public void Send_follows_redirects_inside_the_service()
    {
        using var mesh = Fleet.Of(1);
        mesh.All((request, token) => request.RequestUri!.AbsolutePath == "/"
            ? Answers.Redirect(HttpStatusCode.Found, "/there")(request, token) : Answers.Status(HttpStatusCode.OK)(request, token));
        using var response = mesh.Client.Send(Get(), Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("/there", mesh.Network.Received.Last().Uri.AbsolutePath);
    }

    [Fact]
    public void Send_reads_a_streamed_body()
    {
        using var mesh = Fleet.Of(1);
        mesh.All(Answers.Body(new ByteArrayContent(new byte[20_000])));
        using var response = mesh.Client.Send(Get(), HttpCompletionOption.ResponseHeadersRead, Token);
        Assert.Equal(1, mesh.InFlight());
        using var copy = new MemoryStream();
        response.Content.ReadAsStream(Token).CopyTo(copy);
        Assert.Equal(20_000, copy.Length);
        Assert.Equal(0, mesh.InFlight());
    }

    [Fact]
    public void Send_through_the_users_own_primary_handler()
    {
        using var primary = new RecordingHandler();
        using var mesh = Fleet.Of(1, primary: primary);
        mesh.Client.Send(Get(), Token).Dispose();
        Assert.Equal((HttpMethod.Get, "http://10.0.0.1/", "catalog"), Assert.Single(primary.Received));
    }

    [Fact]
    public void Send_other_hosts_pass_through()
    {
        using var primary = new RecordingHandler();
        using var mesh = Fleet.Of(1, primary: primary);
        mesh.Client.Send(new HttpRequestMessage(HttpMethod.Get, "http://example.com/"), Token).Dispose();
        Assert.Equal((HttpMethod.Get, "http://example.com/", null), Assert.Single(primary.Received));
    }

    private static HttpRequestMessage Get() => new(HttpMethod.Get, Fleet.Url);
}
