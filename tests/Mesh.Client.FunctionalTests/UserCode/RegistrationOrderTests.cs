using Mesh.Client.FunctionalTests.Servers;
using Mesh.Client.Outbound.HttpClients;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.FunctionalTests.UserCode;

/// <summary>However an application is put together, it works.</summary>
public sealed class RegistrationOrderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("before")]
    [InlineData("after")]
    [InlineData("twice")]
    public async Task AddMesh_works_before_and_after_AddHttpClient_and_twice(string order)
    {
        await using var server = await TestServer.StartAsync(
            context => context.Response.WriteAsync(context.Request.Headers["x-user"].ToString()));
        using var dead = new DeadEndpoint();
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new EditableConfiguration(Settings.Service("shop", dead.Url, server.Url)).Root);
        if (order is "before" or "twice")
        {
            services.AddMesh();
        }

        services.AddHttpClient<ShopClient>(
            client => client.BaseAddress = new Uri("http://shop")).AddHttpMessageHandler(() => new UserHandler());
        if (order is "after" or "twice")
        {
            services.AddMesh();
        }

        await using var provider = services.BuildServiceProvider(validateScopes: true);
        await using var scope = provider.CreateAsyncScope();
        var shop = scope.ServiceProvider.GetRequiredService<ShopClient>();
        for (var i = 0; i < 10; i++)
        {
            // The user's handler saw one call each, however many attempts there were.
            Assert.Equal((i + 1).ToString(System.Globalization.CultureInfo.InvariantCulture), await shop.GetAsync(Token));
        }

        Assert.Equal(1, MeshHandlers(provider, nameof(ShopClient)));
    }

    [Fact]
    public async Task WithoutMesh_leaves_a_client_alone()
    {
        await using var server = await TestServer.StartAsync(context => context.Response.WriteAsync(context.Request.Host.Value!));
        await using var application = new MeshApplication(
            Settings.Service("shop.invalid", server.Url),
            services => services.AddHttpClient("plain").WithoutMesh());

        Assert.Equal("shop.invalid", await application.Client().GetStringAsync(new Uri("http://shop.invalid/"), Token));
        var exception = await Assert.ThrowsAsync<HttpRequestException>(
            () => application.Client("plain").GetStringAsync(new Uri("http://shop.invalid/"), Token).Soon());
        Assert.Equal(HttpRequestError.NameResolutionError, exception.HttpRequestError);
        Assert.Equal(server.Name, await application.Client("plain").GetStringAsync(new Uri(server.Url), Token));
        Assert.Equal(0, MeshHandlers(application.Services, "plain"));
    }

    [Fact]
    public async Task Standard_resilience_handler_above_works_and_warns_once()
    {
        await using var server = await TestServer.StartAsync("hello");
        using var dead = new DeadEndpoint();
        await using var application = new MeshApplication(
            Settings.Service("shop", dead.Url, server.Url),
            services => services.AddHttpClient("stacked").AddStandardResilienceHandler());

        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("hello", await application.Client("stacked").GetStringAsync(new Uri("http://shop/"), Token));
            application.Services.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler("stacked");
        }

        Assert.Equal(1, application.Count(110));
    }

    [Fact]
    public async Task Host_outside_the_mesh_is_called_as_if_there_were_none()
    {
        await using var server = await TestServer.StartAsync(context =>
        {
            if (context.Request.Path == "/start")
            {
                context.Response.Redirect("/end");
            }

            return context.Response.WriteAsync(context.Request.Path);
        });
        await using var application = new MeshApplication(new Settings());

        // The client's own handler does it, redirects included.
        Assert.Equal("/end", await application.Client().GetStringAsync(new Uri(server.Url + "/start"), Token));
        Assert.Equal("/end", await application.Client().GetStringAsync(new Uri(server.NamedUrl + "/start"), Token));
    }

    [Fact]
    public async Task Worker_of_a_generic_host_calls_services()
    {
        await using var server = await TestServer.StartAsync("hello");
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(Settings.Service("shop", server.Url));
        builder.Logging.ClearProviders();
        builder.Services.AddMesh();
        builder.Services.AddSingleton<TaskCompletionSource<string>>();
        builder.Services.AddHostedService<Worker>();
        using var host = builder.Build();

        await host.StartAsync(Token);

        Assert.Equal("hello", await host.Services.GetRequiredService<TaskCompletionSource<string>>().Task.Soon());
        await host.StopAsync(Token);
    }

    private static int MeshHandlers(IServiceProvider provider, string client)
    {
        var count = 0;
        for (var handler = provider.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(client);
            handler is DelegatingHandler delegating;
            handler = delegating.InnerHandler)
        {
            count += handler is MeshHandler ? 1 : 0;
        }

        return count;
    }

    private sealed class ShopClient(HttpClient client)
    {
        public Task<string> GetAsync(CancellationToken cancellationToken) =>
            client.GetStringAsync(new Uri("/", UriKind.Relative), cancellationToken);
    }

    /// <summary>Numbers the calls that it sees.</summary>
    private sealed class UserHandler : DelegatingHandler
    {
        private int _calls;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Add("x-user", Interlocked.Increment(ref _calls).ToString(System.Globalization.CultureInfo.InvariantCulture));
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class Worker(IHttpClientFactory clients, TaskCompletionSource<string> result) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            try
            {
                result.SetResult(await clients.CreateClient().GetStringAsync(new Uri("http://shop/"), stoppingToken));
            }
            catch (HttpRequestException exception)
            {
                result.SetException(exception);
            }
        }
    }
}
