using System.Net;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>T13: a token that a server would refuse is refused here, and takes nobody along.</summary>
public sealed class TokenSizeTests(Issuer issuer) : IClassFixture<Issuer>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    public async Task Big_tokens_are_refused_before_the_wire_and_no_neighbour_fails(int version, bool warm)
    {
        const int Neighbours = 100;
        var protocols = version == 2 ? HttpProtocols.Http2 : HttpProtocols.Http1;
        var waiting = 0;
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var payments = await TestServer.StartAsync(
            async context =>
            {
                if (context.Request.Path == "/wait")
                {
                    Interlocked.Increment(ref waiting);
                    await go.Task;
                }

                await context.Response.WriteAsync("ok");
            },
            listen => listen.Protocols = protocols);
        await using var application = new MeshApplication(
            Front.Settings(payments.Url)
                .With("Services:payments:Credentials:AllowInsecureTransport", "true")
                .With("Services:payments:Credentials:MissingUser", "Anonymous")
                // The neighbours hang for as long as the others take, on a loaded machine for more than the default.
                .With("Services:payments:Timeout", Patience.Limit),
            services => services.AddSingleton<ITokenSource, GivenTokens>());
        var client = application.Client();
        client.DefaultRequestVersion = new Version(version, version == 1 ? 1 : 0);
        client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        List<Task<string>> neighbours = [];
        if (warm)
        {
            neighbours.AddRange(Enumerable.Range(0, Neighbours).Select(_ => client.GetStringAsync(new Uri("http://payments/wait"), Token)));
            await Patience.UntilAsync(() => Volatile.Read(ref waiting) == Neighbours, "all neighbours were in flight");
        }

        foreach (var kilobytes in new[] { 1, 2, 4, 7, 8, 9, 12, 16, 24, 32, 33, 48, 64, 70 })
        {
            var token = await issuer.TokenAsync("alice", "payments", (kilobytes * 1024 * 3 / 4) - 500);
            GivenTokens.Current.Value = BearerToken.FromJwt(token);
            if (token.Length <= 8192)
            {
                Assert.Equal("ok", await client.GetStringAsync(new Uri("http://payments/"), Token));
            }
            else
            {
                var exception = await Assert.ThrowsAsync<TokenException>(() => client.GetStringAsync(new Uri("http://payments/"), Token));
                Assert.Equal(TokenFailure.TooLarge, exception.Reason);
                Assert.Contains($"{token.Length} bytes", exception.Message, StringComparison.Ordinal);
            }
        }

        go.SetResult();
        Assert.All(await Task.WhenAll(neighbours).Soon(), answer => Assert.Equal("ok", answer));
    }

    [Fact]
    public async Task Answer_431_is_passed_on_once_and_is_no_failure_of_the_endpoint()
    {
        await using var payments = await TestServer.StartAsync(context =>
        {
            context.Response.StatusCode = StatusCodes.Status431RequestHeaderFieldsTooLarge;
            return Task.CompletedTask;
        });
        await using var application = new MeshApplication(Settings.Service("payments", payments.Url));
        var client = application.Client();

        for (var i = 1; i <= 30; i++)
        {
            using var response = await client.GetAsync(new Uri("http://payments/"), Token);
            Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, response.StatusCode);
            Assert.Equal(i, payments.Requests);
        }
    }

    private sealed class GivenTokens : ITokenSource
    {
        public static readonly AsyncLocal<BearerToken?> Current = new();

        public ValueTask<BearerToken?> GetAsync(TokenRequest request, CancellationToken cancellationToken) => new(Current.Value);
    }
}
