using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.UserCode;

/// <summary>Streams between two applications on the mesh last as long as somebody has given them, whatever <c>Timeout</c> says of the
/// headers.</summary>
public sealed class GrpcStreamTests
{
    private static readonly TimeSpan Headers = TimeSpan.FromSeconds(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Server_stream_outlasts_Timeout(bool deadline)
    {
        await using var server = await StartAsync();
        await using var application = Application(server.Url);
        using var call = Client(application).Watch(
            new GreetRequest { Name = "Ada", Count = 12, PauseMs = 250 }, deadline: deadline ? In(60) : null, cancellationToken: Token);
        Assert.Equal(12, await CountAsync(call.ResponseStream));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        Assert.Equal(0, application.State("greeter").Endpoints.Current.All[0].Load.InFlight);
    }

    [Fact]
    public async Task Server_stream_whose_first_message_comes_late_is_waited_for_by_its_own_deadline()
    {
        await using var server = await StartAsync();
        await using var application = Application(server.Url);
        using var call = Client(application).Watch(
            new GreetRequest { Name = "Ada", Count = 1, PauseMs = 2500 }, deadline: In(60), cancellationToken: Token);
        Assert.Equal(1, await CountAsync(call.ResponseStream));
    }

    [Fact]
    public async Task Client_stream_and_duplex_outlast_Timeout_with_a_deadline_of_their_own()
    {
        await using var server = await StartAsync();
        await using var application = Application(server.Url);
        var greeter = Client(application);
        using var collect = greeter.Collect(deadline: In(60), cancellationToken: Token);
        using var chat = greeter.Chat(deadline: In(60), cancellationToken: Token);
        for (var i = 0; i < 10; i++)
        {
            await Patience.PassAsync(TimeSpan.FromMilliseconds(250), Token);
            await collect.RequestStream.WriteAsync(new GreetRequest { Name = "a" }, Token);
            await chat.RequestStream.WriteAsync(new GreetRequest { Name = "b" }, Token);
            Assert.True(await chat.ResponseStream.MoveNext(Token));
        }

        await collect.RequestStream.CompleteAsync();
        await chat.RequestStream.CompleteAsync();
        Assert.Equal("Hello a, a, a, a, a, a, a, a, a, a", (await collect).Text);
        Assert.False(await chat.ResponseStream.MoveNext(Token));
        Assert.Equal(0, application.State("greeter").Endpoints.Current.All[0].Load.InFlight);
    }

    /// <summary>The caller of the relay waits for 2 s, for the beginning of its answer.</summary>
    [Fact]
    public async Task Server_stream_that_an_HTTP_answer_relays_goes_on_after_the_time_of_the_HTTP_caller()
    {
        await using var server = await StartAsync();
        await using var relay = await MeshServer.StartAsync(
            "relay",
            application => application.Map("/", async context =>
            {
                var greeter = context.RequestServices.GetRequiredService<Greeter.GreeterClient>();
                using var call = greeter.Watch(new GreetRequest { Name = "Ada", Count = 12, PauseMs = 250 }, cancellationToken: Token);
                context.Response.ContentType = "text/event-stream";
                await foreach (var reply in call.ResponseStream.ReadAllAsync(Token))
                {
                    await context.Response.WriteAsync("data: " + reply.Text + "\n\n", Token);
                    await context.Response.Body.FlushAsync(Token);
                }
            }),
            settings: Settings.Service("greeter", server.Url),
            services: services => services.AddGrpcClient<Greeter.GreeterClient>(options => options.Address = new Uri("http://greeter")));
        await using var front = new MeshApplication(
            Settings.Service("relay", relay.Url).With("Services:relay:Timeout", Headers));

        using var response = await front.Client().GetAsync(new Uri("http://relay/"), HttpCompletionOption.ResponseHeadersRead, Token);
        var text = await response.Content.ReadAsStringAsync(Token).Soon();

        Assert.Equal(string.Concat(Enumerable.Repeat("data: Hello Ada\n\n", 12)), text);
    }

    [Fact]
    public async Task Stream_that_the_server_cuts_ends_with_DEADLINE_EXCEEDED()
    {
        await using var server = await StartAsync();
        using var channel = GrpcChannel.ForAddress(server.Url);
        var headers = new Metadata { { "mesh-deadline", "700" } };
        using var watch = new Greeter.GreeterClient(channel).Watch(
            new GreetRequest { Name = "Ada", Count = 1000, PauseMs = 100 }, headers, cancellationToken: Token);
        var exception = await Assert.ThrowsAsync<RpcException>(() => CountAsync(watch.ResponseStream).Soon());
        Assert.Equal(StatusCode.DeadlineExceeded, exception.StatusCode);
        Assert.Contains("The deadline of this request was spent while it was served.", exception.Status.Detail, StringComparison.Ordinal);

        using var chat = new Greeter.GreeterClient(channel).Chat(headers, cancellationToken: Token);
        await chat.RequestStream.WriteAsync(new GreetRequest { Name = "b" }, Token);
        exception = await Assert.ThrowsAsync<RpcException>(() => CountAsync(chat.ResponseStream).Soon());
        Assert.Equal(StatusCode.DeadlineExceeded, exception.StatusCode);
    }

    [Theory]
    [InlineData(StatusCode.Unavailable, 0, true)]
    [InlineData(StatusCode.Internal, 0, true)]
    [InlineData(StatusCode.Unavailable, 2, true)]
    [InlineData(StatusCode.NotFound, 0, false)]
    [InlineData(StatusCode.NotFound, 2, false)]
    public async Task Endpoint_that_fails_each_call_is_left_out(StatusCode status, int messages, bool ejected)
    {
        await using var good = await StartAsync<WellGreeter>();
        await using var server = await StartAsync();
        await using var application = Application(Patience.Limit, server.Url, good.Url);
        var greeter = Client(application);
        for (var i = 0; i < 15; i++)
        {
            try
            {
                using var call = greeter.Watch(
                    new GreetRequest { Name = "Ada", Count = messages, Status = (int)status }, cancellationToken: Token);
                await CountAsync(call.ResponseStream);
            }
            catch (RpcException exception)
            {
                Assert.Equal(status, exception.StatusCode);
            }
        }

        Assert.Equal(ejected, application.Count(1200) > 0);
        Assert.Equal(0, application.State("greeter").Endpoints.Current.All.Sum(endpoint => endpoint.Load.InFlight));
    }

    [Fact]
    public async Task Failures_of_the_mesh_are_the_statuses_that_callers_look_for()
    {
        await using var server = await StartAsync();
        using var dead = new DeadEndpoint();
        await using var application = new MeshApplication(
            Settings.Service("greeter", server.Url).AndService("dead", dead.Url).With("Services:greeter:Timeout", Headers),
            services =>
            {
                services.AddGrpcClient<Greeter.GreeterClient>("live", options => options.Address = new Uri("http://greeter"));
                services.AddGrpcClient<Greeter.GreeterClient>("dead", options => options.Address = new Uri("http://dead"));
            });
        var clients = application.Services.GetRequiredService<Grpc.Net.ClientFactory.GrpcClientFactory>();

        var late = await Assert.ThrowsAsync<RpcException>(
            async () => await clients.CreateClient<Greeter.GreeterClient>("live")
                .GreetAsync(new GreetRequest { Name = "nobody" }, cancellationToken: Token));
        Assert.Equal(StatusCode.DeadlineExceeded, late.StatusCode);
        Assert.Contains("Mesh:Services:greeter:Timeout", late.Status.Detail, StringComparison.Ordinal);

        var refused = await Assert.ThrowsAsync<RpcException>(
            async () => await clients.CreateClient<Greeter.GreeterClient>("dead")
                .GreetAsync(new GreetRequest { Name = "Ada" }, cancellationToken: Token));
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.Contains("service 'dead'", refused.Status.Detail, StringComparison.Ordinal);
    }

    private static Task<MeshServer> StartAsync() => StartAsync<GreeterService>();

    private static Task<MeshServer> StartAsync<T>()
        where T : Greeter.GreeterBase => MeshServer.StartAsync(
        "greeter",
        application => application.MapGrpcService<T>(),
        services: services => services.AddGrpc(),
        protocols: HttpProtocols.Http2);

    private static MeshApplication Application(params string[] urls) => Application(Headers, urls);

    private static MeshApplication Application(TimeSpan timeout, params string[] urls) => new(
        Settings.Service("greeter", urls)
            .With("Services:greeter:Timeout", timeout)
            .With("Services:greeter:LoadBalancing:Policy", "RoundRobin"),
        services => services.AddGrpcClient<Greeter.GreeterClient>(options => options.Address = new Uri("http://greeter")));

    private static Greeter.GreeterClient Client(MeshApplication application) =>
        application.Services.GetRequiredService<Greeter.GreeterClient>();

    private static DateTime In(int seconds) => TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(seconds);

    private static async Task<int> CountAsync(IAsyncStreamReader<GreetReply> replies)
    {
        var count = 0;
        await foreach (var reply in replies.ReadAllAsync(Token))
        {
            count++;
        }

        return count;
    }

    private sealed class WellGreeter : Greeter.GreeterBase
    {
        public override async Task Watch(GreetRequest request, IServerStreamWriter<GreetReply> responseStream, ServerCallContext context)
        {
            for (var i = 0; i < request.Count; i++)
            {
                await responseStream.WriteAsync(new GreetReply { Text = "Hello" }, context.CancellationToken);
            }
        }
    }
}
