using System.Diagnostics;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>T2: a redirect takes nothing of the mesh's to another host.</summary>
public sealed class TokenRedirectTests(Issuer issuer) : IClassFixture<Issuer>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    public async Task Redirect_to_other_host_carries_nothing(int version, bool followed)
    {
        // One server for all of them: 301, 302, 303, 307 and 308, GET and POST.
        var protocols = version == 2 ? HttpProtocols.Http2 : HttpProtocols.Http1;
        var inside = new Recorded();
        var outside = new Recorded();
        await using var other = await TestServer.StartAsync(outside.TakeAsync, listen => listen.Protocols = protocols);
        await using var payments = await TestServer.StartAsync(
            async context =>
            {
                await inside.TakeAsync(context);
                context.Response.StatusCode = int.Parse(
                    context.Request.Path.Value![1..], System.Globalization.CultureInfo.InvariantCulture);
                context.Response.Headers.Location = other.NamedUrl + "/elsewhere";
            },
            listen => listen.Protocols = protocols);
        var statuses = new List<int>();
        await using var front = await Front.StartAsync(
            issuer,
            Front.Settings(payments.Url).With("Context:Baggage:0", "tenant"),
            async (_, client) =>
            {
                using var activity = new Activity("test").AddBaggage("tenant", "acme").Start();
                foreach (var status in new[] { 301, 302, 303, 307, 308 })
                {
                    foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post })
                    {
                        using var request = new HttpRequestMessage(method, $"http://payments/{status}")
                        {
                            Version = new Version(version, version == 1 ? 1 : 0),
                            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                            Content = method == HttpMethod.Post ? new StringContent("body") : null,
                        };
                        using var response = await client.SendAsync(request, Token);
                        statuses.Add((int)response.StatusCode);
                    }
                }
            },
            services =>
            {
                var client = services.AddHttpClient("user");
                if (followed)
                {
                    client.AddHttpMessageHandler(() => new FollowingHandler());
                }
            });
        var alice = await issuer.TokenAsync("alice");

        await front.CallAsync(alice);

        Assert.Equal(10, payments.Requests);
        Assert.Equal(Enumerable.Repeat(alice, 10), inside.Tokens);
        Assert.Contains(inside.Headers, header => header.StartsWith("baggage: tenant", StringComparison.Ordinal));
        Assert.Equal(followed ? Enumerable.Repeat(200, 10) : [301, 301, 302, 302, 303, 303, 307, 307, 308, 308], statuses);
        Assert.Equal(followed ? 10 : 0, other.Requests);
        Assert.Empty(outside.Leaks);
    }

    [Fact]
    public async Task Redirect_inside_the_service_is_judged_anew_and_carries_the_token()
    {
        var seen = new Recorded();
        await using var payments = await TestServer.StartAsync(async context =>
        {
            await seen.TakeAsync(context);
            if (context.Request.Path == "/")
            {
                context.Response.Redirect("/moved");
            }
        });
        await using var front = await Front.StartAsync(issuer, Front.Settings(payments.Url), Front.CallPayments);
        var alice = await issuer.TokenAsync("alice");

        Assert.Equal("200 ", await front.CallAsync(alice));

        Assert.Equal([alice, alice], seen.Tokens);
    }

    /// <summary>A handler of the user's above the mesh that follows redirects anywhere, with the very same request.</summary>
    private sealed class FollowingHandler : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (response.Headers.Location is { } location)
            {
                response.Dispose();
                request.RequestUri = location;
                return await base.SendAsync(request, cancellationToken);
            }

            return response;
        }
    }
}
