using System.Net;
using Mesh.Client.FunctionalTests.Servers;
using Mesh.Client.Options;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Outbound.Calls;

/// <summary>Whose patience ends, and what the caller then sees.</summary>
public sealed class TimeoutTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task HttpClient_Timeout_fires_as_ever_and_ejects_nobody()
    {
        await using var first = await StuckAsync();
        await using var second = await StuckAsync();
        await using var application = new MeshApplication(
            Settings.Service("slow", first.Url, second.Url),
            services => services.AddHttpClient("user", client => client.Timeout = Short));
        var client = application.Client("user");

        for (var i = 0; i < 12; i++)
        {
            var exception = await Assert.ThrowsAsync<TaskCanceledException>(() => client.GetAsync(new Uri("http://slow/"), Token));
            Assert.IsType<TimeoutException>(exception.InnerException);
            Assert.Contains("HttpClient.Timeout", exception.Message, StringComparison.Ordinal);
        }

        Assert.Empty(application.State("slow").Endpoints.Current.Ejected);
        Assert.Equal(0, application.State("slow").Subsets[0].Budget.FailureShare);
    }

    [Fact]
    public async Task Callers_token_ends_the_call_untouched_and_ejects_nobody()
    {
        await using var first = await StuckAsync();
        await using var second = await StuckAsync();
        await using var application = new MeshApplication(Settings.Service("slow", first.Url, second.Url));
        var client = application.Client();

        for (var i = 0; i < 12; i++)
        {
            using var caller = new CancellationTokenSource();
            var before = first.Requests + second.Requests;
            var call = client.GetAsync(new Uri("http://slow/"), caller.Token);
            await Patience.UntilAsync(() => first.Requests + second.Requests > before, "the request arrives");
            await caller.CancelAsync();

            var exception = await Assert.ThrowsAsync<TaskCanceledException>(() => call.Soon());
            Assert.Equal(caller.Token, exception.CancellationToken);
            Assert.Null(exception.InnerException as TimeoutException);
        }

        Assert.Empty(application.State("slow").Endpoints.Current.Ejected);
    }

    [Fact]
    public async Task Timeout_of_the_mesh_says_which_service_and_what_to_change()
    {
        await using var server = await StuckAsync();
        await using var application = new MeshApplication(Settings.Service("slow", server.Url).With("Services:slow:Timeout", Short));

        var exception = await Assert.ThrowsAsync<TaskCanceledException>(
            () => application.Client().GetAsync(new Uri("http://slow/"), Token).Soon());

        Assert.IsType<TimeoutException>(exception.InnerException);
        Assert.Contains("'slow'", exception.Message, StringComparison.Ordinal);
        Assert.Contains(server.Name, exception.Message, StringComparison.Ordinal);
        Assert.Contains("Mesh:Services:slow:Timeout", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slow_post_is_neither_cut_nor_repeated_by_AttemptTimeout()
    {
        var pause = Short * 4;
        await using var first = await SlowAsync(pause);
        await using var second = await SlowAsync(pause);
        await using var application = new MeshApplication(
            Settings.Service("slow", first.Url, second.Url).With("Services:slow:AttemptTimeout", Short)
                .With("Services:slow:Timeout", Patience.Limit));

        using var response = await application.Client().PostAsync(new Uri("http://slow/orders"), new StringContent("one"), Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(1, first.Requests + second.Requests);
    }

    [Fact]
    public async Task Stuck_get_is_left_after_AttemptTimeout_for_another_endpoint()
    {
        await using var stuck = await StuckAsync();
        await using var good = await TestServer.StartAsync("good");
        await using var application = new MeshApplication(
            Settings.Service("slow", stuck.Url, good.Url).With("Services:slow:AttemptTimeout", Short)
                .With("Services:slow:Timeout", Patience.Limit));
        var client = application.Client();

        for (var i = 0; i < 6; i++)
        {
            Assert.Equal("good", await client.GetStringAsync(new Uri("http://slow/"), Token).Soon());
        }
    }

    [Fact]
    public async Task Post_that_the_service_refuses_with_503_arrives_once()
    {
        await using var first = await RefusingAsync();
        await using var second = await RefusingAsync();
        await using var application = new MeshApplication(Settings.Service("busy", first.Url, second.Url));

        using var response = await application.Client().PostAsync(new Uri("http://busy/orders"), new StringContent("one"), Token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(1, first.Requests + second.Requests);
    }

    [Fact]
    public async Task Put_that_one_endpoint_refuses_with_503_is_repeated_on_the_other_with_its_body()
    {
        await using var first = await RefusingAsync();
        await using var second = await TestServer.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync(await reader.ReadToEndAsync(context.RequestAborted));
        });
        await using var application = new MeshApplication(
            Settings.Service("busy", first.Url, second.Url).With("Defaults:LoadBalancing:Policy", LoadBalancingPolicies.RoundRobin));
        var client = application.Client();

        for (var i = 0; i < 6; i++)
        {
            using var response = await client.PutAsync(new Uri("http://busy/orders/1"), new StringContent("one"), Token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("one", await response.Content.ReadAsStringAsync(Token));
        }

        Assert.NotEqual(0, first.Requests);
    }

    private static Task<TestServer> StuckAsync() =>
        TestServer.StartAsync(context => new TaskCompletionSource().Task.WaitAsync(context.RequestAborted));

    private static Task<TestServer> SlowAsync(TimeSpan pause) => TestServer.StartAsync(async context =>
    {
        await Patience.PassAsync(pause, context.RequestAborted);
        await context.Response.WriteAsync("done");
    });

    private static Task<TestServer> RefusingAsync() => TestServer.StartAsync(context =>
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return Task.CompletedTask;
    });
}
