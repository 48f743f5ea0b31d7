using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Mesh.Client.Tests.Inbound;

/// <summary>What callers that are not trusted are told, and what the log says of them.</summary>
public sealed class UntrustedCallerTests
{
    [Theory]
    [InlineData("mesh-label-tenant", "acme", "mesh-label-*")]
    [InlineData("MESH-Label-Lane", "blue", "mesh-label-*")]
    [InlineData("mesh-criticality", "critical-plus", "mesh-criticality")]
    [InlineData("mesh-attempt", "2", "mesh-attempt")]
    [InlineData("mesh-anything", "1", null)]
    [InlineData("mesh-deadline", "1000", null)]
    [InlineData("mesh-criticality", "sheddable", null)]
    public async Task Header_that_is_dropped_is_told_once_and_says_what_to_set(string name, string value, string? told)
    {
        using var server = new ServerFixture();
        for (var i = 0; i < 3; i++)
        {
            await server.InvokeAsync(Request("203.0.113.7", (name, value)));
        }

        var lines = server.Mesh.Logs.GetSnapshot().Where(record => record.Id.Id == 1802).ToList();
        Assert.Equal(told is null ? 0 : 1, lines.Count);
        if (told is not null)
        {
            Assert.Equal(LogLevel.Information, lines[0].Level);
            Assert.Contains(told + " of a request from 203.0.113.7", lines[0].Message, StringComparison.Ordinal);
            Assert.Contains("Mesh:Inbound:TrustedNetworks", lines[0].Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Header_of_a_trusted_caller_is_not_told_also_where_it_is_malformed()
    {
        using var server = new ServerFixture();
        await server.InvokeAsync(Request("127.0.0.1", ("mesh-label-tenant", "acme"), ("mesh-attempt", "-1")));
        Assert.DoesNotContain(server.Mesh.Logs.GetSnapshot(), record => record.Id.Id == 1802);
    }

    /// <summary>The application's own log knows nothing of a request that it never sees.</summary>
    [Theory]
    [InlineData("Bearer abc", "Bearer def", "more than one Authorization header")]
    [InlineData("Bearer abc def", null, "a bearer token that is ambiguous")]
    [InlineData("Bearer  abc", null, "a bearer token that is ambiguous")]
    [InlineData("Bearer abc,def", null, "a bearer token that is ambiguous")]
    [InlineData("Bearer abc\u00e4", null, "a bearer token that is ambiguous")]
    [InlineData("Bearer abc\u007f", null, "a bearer token that is ambiguous")]
    [InlineData("Bearer:abc", null, null)]
    [InlineData("Bearer key:secret", null, null)]
    [InlineData("Bearer", null, null)]
    [InlineData("Bearer ", null, null)]
    public async Task Authorization_that_is_refused_is_told_once_and_without_the_token(string first, string? second, string? told)
    {
        using var server = new ServerFixture();
        for (var i = 0; i < 3; i++)
        {
            var context = Request("203.0.113.7");
            context.Request.Headers.Authorization = second is null ? first : new StringValues([first, second]);
            await server.InvokeAsync(context);
            Assert.Equal(told is null ? 200 : 401, context.Response.StatusCode);
        }

        var lines = server.Mesh.Logs.GetSnapshot().Where(record => record.Id.Id == 1803).ToList();
        Assert.Equal(told is null ? 0 : 1, lines.Count);
        if (told is not null)
        {
            Assert.Equal(LogLevel.Warning, lines[0].Level);
            Assert.Equal("AuthorizationRefused", lines[0].Id.Name);
            Assert.Contains("A request from 203.0.113.7", lines[0].Message, StringComparison.Ordinal);
            Assert.Contains(told, lines[0].Message, StringComparison.Ordinal);
            Assert.DoesNotContain("abc", lines[0].Message, StringComparison.Ordinal);
        }
    }

    /// <summary>How much there is to do here is told to those who choose by it. Where no networks are listed, the other services are not
    /// trusted either.</summary>
    [Theory]
    [InlineData(null, "203.0.113.7", true)]
    [InlineData("10.0.0.0/8", "10.1.2.3", true)]
    [InlineData("10.0.0.0/8", "127.0.0.1", true)]
    [InlineData("10.0.0.0/8", "203.0.113.7", false)]
    public async Task Load_is_told_to_callers_that_may_know_it(string? network, string peer, bool told)
    {
        using var server = new ServerFixture(options =>
        {
            if (network is not null)
            {
                options.Inbound.TrustedNetworks.Add(network);
            }
        });
        server.Application = _ =>
        {
            server.Mesh.Time.Advance(TimeSpan.FromMilliseconds(5));
            return Task.CompletedTask;
        };
        await server.InvokeAsync(Request("127.0.0.1", ("mesh-caller", "web")));
        var response = new StartingResponse();
        var context = Request(peer, ("mesh-caller", "web"));
        context.Features.Set<IHttpResponseFeature>(response);

        await server.InvokeAsync(context);
        await response.StartAsync();

        Assert.Equal(told, response.Headers.ContainsKey("mesh-load"));
    }

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
