using Grpc.Core;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.UserCode;

public sealed class GrpcTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Unary_call_of_a_factory_client_goes_to_an_endpoint_that_lives(bool oneIsDead)
    {
        await using var server = await StartAsync();
        using var dead = new DeadEndpoint();
        await using var application = new MeshApplication(
            Settings.Service("greeter", oneIsDead ? [dead.Url, server.Url] : [server.Url]),
            services => services.AddGrpcClient<Greeter.GreeterClient>(options => options.Address = new Uri("http://greeter")));

        for (var i = 0; i < 20; i++)
        {
            using var scope = application.Services.CreateScope();
            var greeter = scope.ServiceProvider.GetRequiredService<Greeter.GreeterClient>();
            var reply = await greeter.GreetAsync(new GreetRequest { Name = "Ada" }, cancellationToken: Token);
            Assert.Equal("Hello Ada", reply.Text);
        }

        Assert.Equal(20, server.Requests);
        Assert.Equal(0, application.State("greeter").Endpoints.Current.All.Sum(endpoint => endpoint.Load.InFlight));
    }

    /// <summary>A single request, or one before a stream of answers, is written anew. What a stream of requests has sent is gone.</summary>
    [Theory]
    [InlineData("refused", "unary")]
    [InlineData("refused", "watch")]
    [InlineData("gone", "unary")]
    [InlineData("gone", "watch")]
    public async Task Call_that_was_not_processed_goes_elsewhere(string how, string call)
    {
        for (var i = 0; i < 3; i++)
        {
            await using var server = await StartAsync();
            using var refusing = how == "refused" ? RawHttp2Server.Resetting(error: 7) : RawHttp2Server.Gone();
            await using var application = new MeshApplication(
                Settings.Service("greeter", refusing.Url, server.Url).With("Services:greeter:LoadBalancing:Policy", "RoundRobin"),
                services => services.AddGrpcClient<Greeter.GreeterClient>(options => options.Address = new Uri("http://greeter")));
            var greeter = application.Services.GetRequiredService<Greeter.GreeterClient>();

            for (var j = 0; j < 4; j++)
            {
                Assert.Equal("Hello Ada", await GreetAsync(greeter, call));
            }

            Assert.Equal(4, server.Requests);
        }
    }

    [Fact]
    public async Task Deadline_of_a_call_ends_it_as_ever_and_ejects_nobody()
    {
        await using var server = await StartAsync();
        await using var application = new MeshApplication(
            Settings.Service("greeter", server.Url),
            services => services.AddGrpcClient<Greeter.GreeterClient>(options => options.Address = new Uri("http://greeter")));
        var greeter = application.Services.GetRequiredService<Greeter.GreeterClient>();

        var exception = await Assert.ThrowsAsync<RpcException>(async () => await greeter.GreetAsync(
            new GreetRequest { Name = "nobody" },
            deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(300),
            cancellationToken: Token));

        Assert.Equal(StatusCode.DeadlineExceeded, exception.StatusCode);
        Assert.Equal(0, application.State("greeter").Subsets[0].Budget.FailureShare);
    }

    private static async Task<string> GreetAsync(Greeter.GreeterClient greeter, string call)
    {
        if (call == "unary")
        {
            return (await greeter.GreetAsync(new GreetRequest { Name = "Ada" }, cancellationToken: Token)).Text;
        }

        using var answers = greeter.Watch(new GreetRequest { Name = "Ada", Count = 1 }, cancellationToken: Token);
        Assert.True(await answers.ResponseStream.MoveNext(Token));
        return answers.ResponseStream.Current.Text;
    }

    private static Task<TestServer> StartAsync() => TestServer.StartAsync(
        answer: null,
        listen => listen.Protocols = HttpProtocols.Http2,
        services => services.AddGrpc(),
        application => application.MapGrpcService<GreeterService>());
}
