using System.Runtime.CompilerServices;
using Mesh.Client.FunctionalTests.Servers;
using Mesh.Client.Model;
using Mesh.Client.Outbound.HttpClients;
using Mesh.Client.Outbound.Transport;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Outbound.Transport;

/// <summary>The factory makes new handlers all the time: none of them owns anything, and none is kept.</summary>
public sealed class RotationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sixty_clients_and_scopes_share_connections_and_state()
    {
        await using var server = await TestServer.StartAsync("hello");
        using var dead = new DeadEndpoint();
        var transports = new CountingTransports();
        await using var application = new MeshApplication(
            Settings.Service("shop", server.Url, dead.Url).With("Services:shop:LoadBalancing:Policy", "RoundRobin"),
            services => services.AddSingleton<ITransportFactory>(transports.Over));
        var breaker = application.State("shop").Subsets[0].Breaker;
        var endpoints = application.State("shop").Endpoints.Current.All;

        for (var i = 0; i < 60; i++)
        {
            await using var scope = application.Services.CreateAsyncScope();
            var factory = scope.ServiceProvider.GetRequiredService<IHttpClientFactory>();
            using var client = factory.CreateClient("client " + i);
            Assert.Equal("hello", await client.GetStringAsync(new Uri("http://shop/"), Token));
        }

        Assert.Equal(2, transports.Opened);
        Assert.Equal(1, server.Connections);
        Assert.Same(breaker, application.State("shop").Subsets[0].Breaker);
        Assert.Equal(endpoints, application.State("shop").Endpoints.Current.All);

        // What the first clients learned, the later ones knew: only as many attempts failed as it takes to eject.
        Assert.Single(application.State("shop").Endpoints.Current.Ejected);
    }

    [Fact]
    public async Task Rotated_handlers_keep_state_and_connections_and_are_collected()
    {
        await using var server = await TestServer.StartAsync("hello");
        using var dead = new DeadEndpoint();
        var transports = new CountingTransports();
        await using var application = new MeshApplication(
            Settings.Service("shop", server.Url, dead.Url)
                .With("Services:shop:LoadBalancing:Policy", "RoundRobin")
                .With("Defaults:OutlierDetection:BaseEjectionTime", TimeSpan.FromMinutes(5))
                .With("Defaults:OutlierDetection:MaxEjectionTime", TimeSpan.FromMinutes(5)),
            services =>
            {
                services.AddSingleton<ITransportFactory>(transports.Over);
                services.AddHttpClient("user").SetHandlerLifetime(TimeSpan.FromSeconds(1));
            });
        for (var i = 0; i < 30; i++)
        {
            await application.Client("user").GetStringAsync(new Uri("http://shop/"), Token);
        }

        Assert.Single(application.State("shop").Endpoints.Current.Ejected);

        var handlers = new List<WeakReference>();
        await Patience.UntilAsync(
            async () =>
            {
                // Traffic goes on while the factory changes the handlers.
                await application.Client("user").GetStringAsync(new Uri("http://shop/"), Token);
                Remember(handlers, application);
                return handlers.Count > 3;
            },
            "the factory has made three more handlers");

        Assert.Single(application.State("shop").Endpoints.Current.Ejected);
        Assert.Equal(2, transports.Opened);
        Assert.Equal(1, server.Connections);

        // The last one is in use.
        await Patience.UntilAsync(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return handlers[..^1].TrueForAll(handler => !handler.IsAlive);
            },
            "the old handlers are collected");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Remember(List<WeakReference> handlers, MeshApplication application)
    {
        // Below the factory's own wrapper, which is what it keeps a weak reference to: the mesh's shell.
        HttpMessageHandler handler = application.Services.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler("user");
        while (handler is DelegatingHandler { InnerHandler: { } inner } and not MeshHandler)
        {
            handler = inner;
        }

        Assert.IsType<MeshHandler>(handler);
        if (handlers.Count == 0 || !ReferenceEquals(handlers[^1].Target, handler))
        {
            handlers.Add(new WeakReference(handler));
        }
    }

    private sealed class CountingTransports : ITransportFactory
    {
        private SocketTransportFactory? _inner;
        private int _opened;

        public int Opened => _opened;

        public HttpMessageInvoker Create(string service, EndpointDescription endpoint, TransportPolicy policy)
        {
            Interlocked.Increment(ref _opened);
            return _inner!.Create(service, endpoint, policy);
        }

        public CountingTransports Over(IServiceProvider provider)
        {
            _inner = ActivatorUtilities.CreateInstance<SocketTransportFactory>(provider);
            return this;
        }
    }
}
