using System.Net;
using System.Net.Sockets;
using Mesh.Client.Model;
using Polly.CircuitBreaker;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>Uploads that an endpoint takes no more of: it has refused them, and its answer is lost, or it has crashed. Its peers tell.
/// </summary>
public sealed class CutOffTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("PUT", 3)]
    [InlineData("POST", 3)]
    [InlineData("POST", 2)]
    [InlineData("POST", 1)]
    public async Task Send_uploads_that_all_cut_off_eject_nothing_and_open_no_breaker(string method, int endpoints)
    {
        using var mesh = Fleet.Of(endpoints);
        mesh.All(CutOff);

        for (var i = 0; i < 60; i++)
        {
            await UploadAsync(mesh, method, good: false);
            if (i % 6 == 0)
            {
                Assert.Equal(HttpStatusCode.OK, await GetAsync(mesh));
            }
        }

        AssertInRotation(mesh);
        Assert.DoesNotContain(mesh.Logs.GetSnapshot(), r => r.Id.Id is 1200 or 1300);
        Assert.Equal(CircuitState.Closed, mesh.Catalog().Breaker.State);
        Assert.Equal(0f, mesh.Catalog().Budget.FailureShare);
        Assert.Equal(0, mesh.InFlight());
    }

    /// <summary>Once elsewhere, and only there: a body that two have refused is sent no third time.</summary>
    [Theory]
    [InlineData("PUT", 3, 2)]
    [InlineData("PUT", 2, 2)]
    [InlineData("PUT", 1, 1)]
    [InlineData("POST", 3, 1)]
    public async Task Send_upload_that_all_cut_off_arrives_twice_at_most(string method, int endpoints, int arrivals)
    {
        using var mesh = Fleet.Of(endpoints, s => s.Retry.MaxRetries = 5);
        mesh.All(CutOff);

        await UploadAsync(mesh, method, good: false);

        Assert.Equal(arrivals, mesh.Network.Received.Count);
        Assert.Equal(arrivals, mesh.Network.Received.Select(r => r.Endpoint).Distinct().Count());
    }

    /// <summary>What all refuse is held against none of them: neither by the balancer nor by a policy of the application.</summary>
    [Fact]
    public async Task Send_uploads_that_all_cut_off_cost_no_endpoint_its_calls()
    {
        using var mesh = Fleet.Of(3, s => s.Retry.MaxRetries = 0);
        mesh.All(CutOff);
        for (var i = 0; i < 15; i++)
        {
            await GetAsync(mesh);
        }

        for (var i = 0; i < 30; i++)
        {
            await UploadAsync(mesh, "PUT", good: false);
        }

        Assert.All(mesh.Catalog().Endpoints.Current.All, e => Assert.Equal(1f, e.Load.Success(mesh.Catalog().Clock.Now)));
    }

    /// <summary>Where a redirect leads, another service may have to take it.</summary>
    [Fact]
    public async Task Send_upload_is_repeated_anew_behind_a_redirect()
    {
        using var mesh = Fleet.Of(3);
        var cut = new HashSet<string>();
        mesh.All((request, token) =>
            cut.Add(request.RequestUri!.AbsolutePath) ? CutOff(request, token)
            : request.RequestUri.AbsolutePath == "/" ? Answers.Redirect(HttpStatusCode.TemporaryRedirect, "/there")(request, token)
            : TakeAsync(request, token));

        await UploadAsync(mesh, "PUT", good: true);

        Assert.Equal(["/", "/", "/there", "/there"], mesh.Network.Received.Select(request => request.Uri.AbsolutePath));
    }

    [Fact]
    public async Task Send_upload_is_repeated_also_after_a_connection_that_failed()
    {
        using var mesh = Fleet.Of(3);
        var first = true;
        var cut = false;
        mesh.All((request, token) =>
        {
            if (first)
            {
                first = false;
                throw ScriptedNetwork.Refused();
            }

            (var goesWell, cut) = (cut, true);
            return goesWell ? TakeAsync(request, token) : CutOff(request, token);
        });

        await UploadAsync(mesh, "PUT", good: true);

        Assert.Equal(3, mesh.Network.Received.Count);
    }

    [Fact]
    public async Task Send_cut_offs_of_one_alone_eject_it_and_fail_no_upload_that_may_be_repeated()
    {
        using var mesh = Fleet.Of(3);
        mesh.All(TakeAsync);
        mesh.Network.On(Fleet.At(1), CutOff);

        for (var i = 0; i < 40; i++)
        {
            await UploadAsync(mesh, "PUT", good: true);
        }

        Assert.True(mesh.Endpoint(1).Health.IsEjected);
        Assert.InRange(mesh.Network.CountOf(Fleet.At(1)), 5, 8);
        var line = Assert.Single(mesh.Logs.GetSnapshot(), r => r.Id.Id == 1200);
        Assert.Contains("upstream_reset (Error while copying content to a stream.)", line.Message, StringComparison.Ordinal);
    }

    /// <summary>Beside uploads that all refuse, an endpoint whose other requests fail is found out as ever.</summary>
    [Theory]
    [InlineData("reset", "ConsecutiveFailures")]
    [InlineData("refused", "ConnectFailures")]
    public async Task Send_cut_offs_hide_no_other_failures(string failure, string reason)
    {
        using var mesh = Fleet.Of(3, s => s.Retry.MaxRetries = 0);
        mesh.All(CutOff);
        for (var i = 0; i < 30; i++)
        {
            await UploadAsync(mesh, "POST", good: false);
        }

        mesh.Network.On(
            Fleet.At(1), (request, token) => request.Content is null ? Answers.Named(failure)(request, token) : CutOff(request, token));
        for (var i = 0; i < 15; i++)
        {
            for (var j = 0; j < 3; j++)
            {
                _ = await Record.ExceptionAsync(() => GetAsync(mesh));
            }

            // Two at a time: in between, the one endpoint has either.
            await UploadAsync(mesh, "POST", good: false);
            await UploadAsync(mesh, "POST", good: false);
            await UploadAsync(mesh, "POST", good: false);
        }

        Assert.Equal([mesh.Endpoint(1)], mesh.Catalog().Endpoints.Current.All.Where(e => e.Health.IsEjected));
        Assert.Contains(mesh.Logs.GetSnapshot(), r => r.Id.Id == 1200 && r.Message.Contains(
            reason == "ConnectFailures" ? "connections in a row failed" : "attempts in a row failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Send_trial_that_is_cut_off_shows_nothing()
    {
        using var mesh = Fleet.Of(3, s => s.Retry.MaxRetries = 0);
        mesh.All(CutOff);
        for (var i = 0; i < 9; i++)
        {
            await UploadAsync(mesh, "PUT", good: false);
        }

        mesh.Eject(1);
        mesh.Time.Advance(TimeSpan.FromSeconds(1));
        mesh.Network.Received.Clear();

        await UploadAsync(mesh, "PUT", good: false);

        Assert.Equal(1, mesh.Network.CountOf(Fleet.At(1)));
        var health = mesh.Endpoint(1).Health;
        Assert.True(health.IsEjected);
        Assert.False(health.TrialInFlight);
        Assert.Equal(1, health.Ejections);
    }

    [Fact]
    public async Task Send_cut_off_while_the_breaker_tries_leaves_the_next_call_the_trial()
    {
        using var mesh = Fleet.Of(1, s => s.Retry.MaxRetries = 0);
        mesh.All(CutOff);
        for (var i = 0; i < 30; i++)
        {
            mesh.Catalog().Breaker.Record(CallOutcome.UpstreamError);
        }

        Assert.Equal(CircuitState.Open, mesh.Catalog().Breaker.State);
        mesh.Time.Advance(TimeSpan.FromSeconds(6));

        await UploadAsync(mesh, "PUT", good: false);

        Assert.Equal(HttpStatusCode.OK, await GetAsync(mesh));
        Assert.Equal(CircuitState.Closed, mesh.Catalog().Breaker.State);
    }

    /// <summary>An upload that was complete, and what breaks over HTTP/2, where no answer is lost, is what it looks like.</summary>
    /// <summary>The read of the answer may see first that the connection was reset, while the write still waits.</summary>
    [Theory]
    [InlineData(false, 2)]
    // An upload that was complete has crashed the endpoint, or would have had an answer.
    [InlineData(true, 3)]
    public async Task Send_reset_that_the_read_sees_first_is_a_cut_off(bool complete, int arrivals)
    {
        using var mesh = Fleet.Of(3);
        mesh.All(async (request, token) =>
        {
            var copy = request.Content!.CopyToAsync(complete ? Stream.Null : new Waiting(), token);
            if (complete)
            {
                await copy;
            }

            throw new HttpRequestException(
                "An error occurred while sending the request.",
                new IOException("Unable to read data from the transport connection.", Reset()));
        });

        await UploadAsync(mesh, "PUT", good: false);

        Assert.Equal(arrivals, mesh.Network.Received.Count);
        Assert.Equal(complete, mesh.Catalog().Budget.FailureShare != 0f);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Send_other_breaks_of_an_upload_are_failures_as_ever(bool complete)
    {
        using var mesh = Fleet.Of(3);
        mesh.All(async (request, token) =>
        {
            var aborted = new IOException("The request was aborted.", new IOException("Reset.", Reset()));
            await request.Content!.CopyToAsync(complete ? Stream.Null : new Refusing(aborted), token);
            throw new HttpRequestException("An error occurred while sending the request.", new IOException("Reset."));
        });

        await UploadAsync(mesh, "PUT", good: false);

        Assert.Equal(3, mesh.Network.Received.Count);
        Assert.All(mesh.Catalog().Endpoints.Current.All, e => Assert.True(e.Health.HasFailures));
        Assert.NotEqual(0f, mesh.Catalog().Budget.FailureShare);
    }

    private static async Task UploadAsync(MeshFixture mesh, string method, bool good)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), Fleet.Url) { Content = new ByteArrayContent(new byte[100_000]) };
        var exception = await Record.ExceptionAsync(async () => (await mesh.Advance(mesh.Client.SendAsync(request, Token))).Dispose());
        if (good)
        {
            Assert.Null(exception);
        }
        else
        {
            Assert.IsType<HttpRequestException>(exception);
        }
    }

    private static async Task<HttpStatusCode> GetAsync(MeshFixture mesh)
    {
        using var response = await mesh.Client.GetAsync(Fleet.Url, Token);
        return response.StatusCode;
    }

    /// <summary>What the runtime makes of a server of HTTP/1.1 that closes the connection while it is sent a body.</summary>
    private static async Task<HttpResponseMessage> CutOff(HttpRequestMessage request, CancellationToken token)
    {
        if (request.Content is { } body)
        {
            await body.CopyToAsync(new Refusing(new IOException("Broken pipe.", new SocketException((int)SocketError.Shutdown))), token);
        }

        return new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request };
    }

    private static async Task<HttpResponseMessage> TakeAsync(HttpRequestMessage request, CancellationToken token)
    {
        if (request.Content is { } body)
        {
            await body.CopyToAsync(Stream.Null, token);
        }

        return new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request };
    }

    private static void AssertInRotation(MeshFixture mesh) =>
        Assert.Equal(mesh.Catalog().Endpoints.Current.All.Length, mesh.Catalog().Endpoints.Current.Usable.Length);

    private static SocketException Reset() => new((int)SocketError.ConnectionReset);

    private sealed class Waiting : MemoryStream
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            new TaskCompletionSource().Task.WaitAsync(cancellationToken);
    }

    private sealed class Refusing(IOException failure) : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => throw failure;

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => throw failure;
    }
}
