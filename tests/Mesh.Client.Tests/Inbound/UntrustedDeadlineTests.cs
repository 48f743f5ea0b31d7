using System.Net;
using Mesh.Client.Tests.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Client.Tests.Inbound;

/// <summary>What the deadline of a caller that is not trusted does: to its own request at most, and never to a proxy that passes
/// it on.</summary>
public sealed class UntrustedDeadlineTests
{
    private const string Untrusted = "203.0.113.7";

    [Theory]
    [InlineData(null, Untrusted, true)]
    [InlineData("10.0.0.0/8", Untrusted, false)]
    [InlineData("10.0.0.0/8", "10.1.2.3", true)]
    [InlineData("10.0.0.0/8", "127.0.0.1", true)]
    public async Task Deadline_is_dropped_where_networks_are_listed_and_the_caller_is_in_none(string? network, string peer, bool taken)
    {
        using var server = Serve(network);
        TimeSpan? left = null;
        var seen = false;
        server.Application = context =>
        {
            left = MeshContext.Remaining;
            seen = context.Request.Headers.ContainsKey("mesh-deadline");
            return Task.CompletedTask;
        };

        await server.InvokeAsync(Request(peer, ("mesh-deadline", "700")));

        Assert.Equal(taken ? TimeSpan.FromMilliseconds(700) : null, left);
        Assert.Equal(taken, seen);
        Assert.Equal(
            taken ? [] : ["Header mesh-deadline of a request from " + Untrusted + " was dropped: the caller is not trusted."],
            server.Mesh.Logs.GetSnapshot().Where(record => record.Id.Id == 1802).Select(record => record.Message.Split(" If ")[0]));
    }

    /// <summary>It is dropped whoever sends it: listing the network of the sender would change nothing.</summary>
    [Fact]
    public async Task Deadline_that_is_malformed_is_not_told_where_no_networks_are_listed()
    {
        using var server = Serve(network: null);
        await server.InvokeAsync(Request(Untrusted, ("mesh-deadline", "soon")));
        Assert.DoesNotContain(server.Mesh.Logs.GetSnapshot(), record => record.Id.Id == 1802);
    }

    /// <summary>It is not the mesh's own header, and the application's server of gRPC reads it, too.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("10.0.0.0/8")]
    public async Task Timeout_of_gRPC_is_taken_from_anyone(string? network)
    {
        using var server = Serve(network);
        TimeSpan? left = null;
        server.Application = _ =>
        {
            left = MeshContext.Remaining;
            return Task.CompletedTask;
        };
        var context = Request(Untrusted, ("grpc-timeout", "700m"), ("mesh-deadline", "900"));
        context.Request.ContentType = "application/grpc";

        await server.InvokeAsync(context);

        Assert.Equal(TimeSpan.FromMilliseconds(700), left);
    }

    [Theory]
    [InlineData(null, Untrusted, 499)]
    [InlineData(null, "127.0.0.1", 504)]
    [InlineData("10.0.0.0/8", "10.1.2.3", 504)]
    public async Task Answer_to_a_spent_deadline_is_a_failure_of_the_server_for_trusted_callers_only(
        string? network, string peer, int status)
    {
        using var server = Serve(network);
        server.Application = _ =>
        {
            server.Mesh.Time.Advance(TimeSpan.FromMilliseconds(100));
            return Task.CompletedTask;
        };
        foreach (var deadline in new[] { "0", "100" })
        {
            var context = Request(peer, ("mesh-deadline", deadline), ("mesh-caller", "web"));

            await server.InvokeAsync(context);

            Assert.Equal(status, context.Response.StatusCode);
            Assert.Equal("deadline", context.Response.Headers["mesh-outcome"]);
        }
    }

    [Theory]
    [InlineData(Untrusted, "0")]
    [InlineData(Untrusted, "100")]
    [InlineData("127.0.0.1", "0")]
    public async Task Answer_of_gRPC_is_its_own_status(string peer, string deadline)
    {
        using var server = Serve(network: null);
        server.Application = _ =>
        {
            server.Mesh.Time.Advance(TimeSpan.FromMilliseconds(100));
            return Task.CompletedTask;
        };
        var context = Request(peer, ("mesh-deadline", deadline));
        context.Request.ContentType = "application/grpc";

        await server.InvokeAsync(context);

        Assert.Equal(200, context.Response.StatusCode);
        Assert.Equal("4", context.Response.Headers["grpc-status"]);
    }

    /// <summary>An error handler of the application has begun to answer: its body stays, but a proxy sees no failure of this server.
    /// </summary>
    [Theory]
    [InlineData(Untrusted, 500, 1, 499, "deadline")]
    [InlineData(Untrusted, 503, 5, 499, "deadline")]
    [InlineData(Untrusted, 500, 6, 500, "error")]
    [InlineData(Untrusted, 404, 1, 404, "ok")]
    [InlineData("127.0.0.1", 500, 1, 500, "error")]
    public async Task Failure_that_has_begun_when_the_deadline_is_all_but_over(
        string peer, int status, int restMs, int expected, string outcome)
    {
        using var server = Serve(network: null);
        using var duration = server.Collect<double>("mesh.server.request.duration");
        var response = new StartingResponse();
        server.Application = async context =>
        {
            server.Mesh.Time.Advance(TimeSpan.FromMilliseconds(100 - restMs));
            context.Response.StatusCode = status;
            context.Response.Headers.CacheControl = "max-age=60";
            response.ReasonPhrase = "Out of Order";
            await response.StartAsync();
        };
        var request = Request(peer, ("mesh-deadline", "100"));
        request.Features.Set<IHttpResponseFeature>(response);

        await server.InvokeAsync(request);

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(expected == 499 ? "no-store" : "max-age=60", response.Headers.CacheControl);
        Assert.Equal(expected == 499 ? null : "Out of Order", response.ReasonPhrase);
        Assert.EndsWith(
            $" http.response.status_code={expected} mesh.outcome={outcome}", Assert.Single(duration.Lines()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failure_of_gRPC_that_has_begun_keeps_its_status()
    {
        using var server = Serve(network: null);
        var response = new StartingResponse();
        server.Application = async context =>
        {
            server.Mesh.Time.Advance(TimeSpan.FromMilliseconds(99));
            context.Response.Headers["grpc-status"] = "13";
            await response.StartAsync();
        };
        var request = Request(Untrusted, ("mesh-deadline", "100"));
        request.Request.ContentType = "application/grpc";
        request.Features.Set<IHttpResponseFeature>(response);

        await server.InvokeAsync(request);

        Assert.Equal(200, response.StatusCode);
        Assert.Equal("13", response.Headers["grpc-status"]);
    }

    /// <summary>Errors are quick: counted as work, they would draw the calls of all others here.</summary>
    [Fact]
    public async Task Answer_to_a_spent_deadline_is_no_work_that_was_done()
    {
        using var server = Serve(network: null);
        server.Application = _ =>
        {
            server.Mesh.Time.Advance(TimeSpan.FromMilliseconds(50));
            return Task.CompletedTask;
        };
        await server.InvokeAsync(Request(Untrusted, ("mesh-caller", "web")));
        for (var i = 0; i < 100; i++)
        {
            await server.InvokeAsync(Request(Untrusted, ("mesh-caller", "web"), ("mesh-deadline", "0")));
        }

        var response = new StartingResponse();
        var context = Request(Untrusted, ("mesh-caller", "web"));
        context.Features.Set<IHttpResponseFeature>(response);
        await server.InvokeAsync(context);
        await response.StartAsync();

        Assert.Equal("rif=0,st=50", response.Headers["mesh-load"]);
    }

    [Theory]
    [InlineData("dead on arrival", Untrusted)]
    [InlineData("dead on arrival", "127.0.0.1")]
    [InlineData("too late", Untrusted)]
    [InlineData("too late", "127.0.0.1")]
    [InlineData("grpc", Untrusted)]
    [InlineData("denied", Untrusted)]
    public async Task Answer_of_the_mesh_itself_is_kept_by_no_cache(string what, string peer)
    {
        using var server = Serve(network: null);
        server.Application = context =>
        {
            context.Response.Headers.CacheControl = "max-age=60";
            server.Mesh.Time.Advance(TimeSpan.FromMilliseconds(100));
            return Task.CompletedTask;
        };
        var context = what == "denied"
            ? Request(peer)
            : Request(peer, ("mesh-deadline", what == "too late" ? "100" : "0"));
        if (what == "denied")
        {
            context.Request.Headers.Authorization = new[] { "Bearer a", "Bearer b" };
        }
        else if (what == "grpc")
        {
            context.Request.ContentType = "application/grpc";
        }

        await server.InvokeAsync(context);

        Assert.Equal("no-store", context.Response.Headers.CacheControl);
    }

    private static ServerFixture Serve(string? network) => new(options =>
    {
        if (network is not null)
        {
            options.Inbound.TrustedNetworks.Add(network);
        }
    });

    private static DefaultHttpContext Request(string peer, params (string Name, string Value)[] headers)
    {
        var context = ServerFixture.Request();
        context.Connection.RemoteIpAddress = IPAddress.Parse(peer);
        foreach (var (name, value) in headers)
        {
            context.Request.Headers[name] = value;
        }

        return context;
    }
}
