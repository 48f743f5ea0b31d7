using System.Net;
using System.Net.Sockets;
using Mesh.Client.FunctionalTests.Security;
using Mesh.Client.FunctionalTests.Servers;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Primitives;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Outbound.Transport;

/// <summary>A name with several addresses works although one of them is silent: for services and for the registry.</summary>
public sealed class SeveralAddressesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Configured_name_connects_with_one_silent_address_and_no_attempt_fails()
    {
        await using var server = await TestServer.StartAsync("hello");
        await using var silent = await SilentListener.StartAsync("127.0.0.2", server.Address.Port);
        await using var application = new MeshApplication(
            Settings.Service("shop", $"http://multi.test:{server.Address.Port}"),
            services => services.AddSingleton<IHostResolver>(new Names("multi.test", "127.0.0.2", "127.0.0.1")));

        for (var i = 0; i < 3; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "http://shop/") { Headers = { ConnectionClose = true } };
            using var answer = await application.Client().SendAsync(request, Token);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.Equal(3, server.Requests);
    }

    /// <summary>The system accepts connections for a process that hangs.</summary>
    [Fact]
    public async Task Address_that_accepts_and_never_speaks_TLS_is_left_for_the_next_one()
    {
        await using var server = await TestServer.StartAsync(
            context => context.Response.WriteAsync("hello"), listen => listen.UseHttps(Certificates.ForServer("multi.test")));
        using var hanging = new TcpListener(IPAddress.Parse("127.0.0.2"), server.Address.Port);
        hanging.Start();
        await using var application = new MeshApplication(
            Settings.Service("shop", $"https://multi.test:{server.Address.Port}"),
            services => services.AddSingleton<IHostResolver>(new Names("multi.test", "127.0.0.2", "127.0.0.1")));

        // The certificate is not trusted: only the address that speaks tells so.
        var exception = await Assert.ThrowsAsync<HttpRequestException>(
            () => application.Client().PostAsync(new Uri("https://shop/"), null, Token));
        Assert.Equal(HttpRequestError.SecureConnectionError, exception.HttpRequestError);
    }

    [Fact]
    public async Task Address_that_accepts_and_never_answers_is_left_for_the_next_one()
    {
        await using var server = await TestServer.StartAsync("hello");
        using var hanging = new TcpListener(IPAddress.Parse("127.0.0.2"), server.Address.Port);
        hanging.Start();
        await using var application = new MeshApplication(
            Settings.Service("shop", $"http://multi.test:{server.Address.Port}").With("Services:shop:AttemptTimeout", "00:00:02"),
            services => services.AddSingleton<IHostResolver>(new Names("multi.test", "127.0.0.2", "127.0.0.1")));

        Assert.Equal("hello", await application.Client().GetStringAsync(new Uri("http://shop/"), Token));
    }

    [Fact]
    public async Task Name_of_a_source_connects_with_one_silent_and_one_refused_address()
    {
        await using var server = await TestServer.StartAsync("hello");
        await using var silent = await SilentListener.StartAsync("127.0.0.2", server.Address.Port);
        using var denied = new SocketRecorder(IPAddress.Parse("127.0.0.3"), server.Address.Port);
        await using var registry = await ScriptedRegistry.StartAsync(ScriptedRegistry.Instance("a", "orders.test", server.Address.Port));
        await using var application = new MeshApplication(
            Settings.Registry(registry.Url)
                .With("Security:Endpoints:AllowedNetworks:0", "127.0.0.1")
                .With("Security:Endpoints:AllowedNetworks:1", "127.0.0.2"),
            services => services.AddSingleton<IHostResolver>(new Names("orders.test", "127.0.0.3", "127.0.0.2", "127.0.0.1")));

        Assert.Equal("hello", await application.Client().GetStringAsync(new Uri("http://orders/"), Token));
        Assert.Equal(0, denied.Accepted);
    }

    [Fact]
    public async Task Each_address_is_an_endpoint_and_the_dead_one_is_left_out()
    {
        await using var server = await TestServer.StartAsync(context => context.Response.WriteAsync(context.Request.Host.Value!));
        await using var application = new MeshApplication(
            new Settings()
                .With("Services:shop:Endpoints:0:Address", $"http://multi.test:{server.Address.Port}")
                .With("Services:shop:Endpoints:0:Resolve", "Each")
                .With("Services:shop:LoadBalancing:Policy", "RoundRobin"),
            services => services.AddSingleton<IHostResolver>(new Names("multi.test", "127.0.0.2", "127.0.0.1")));
        await application.Client().GetStringAsync(new Uri("http://shop/"), Token);
        await Patience.UntilAsync(() => application.State("shop").Endpoints.Current.All.Length == 2, "the name is resolved");

        Assert.Equal(
            ["127.0.0.1", "127.0.0.2"],
            application.State("shop").Endpoints.Current.All.Select(endpoint => endpoint.Description.AddressHost));
        await Patience.UntilAsync(
            async () =>
            {
                Assert.Equal(
                    $"multi.test:{server.Address.Port}", await application.Client().GetStringAsync(new Uri("http://shop/"), Token));
                return application.Count(1200) > 0;
            },
            "the dead address is left out");
        Assert.Contains(
            "127.0.0.2", application.Logs.GetSnapshot().First(record => record.Id.Id == 1200).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Registry_with_one_silent_address_is_reached()
    {
        await using var server = await TestServer.StartAsync("hello");
        await using var registry = await ScriptedRegistry.StartAsync(ScriptedRegistry.Instance("a", "127.0.0.1", server.Address.Port));
        var port = new Uri(registry.Url).Port;
        await using var silent = await SilentListener.StartAsync("127.0.0.2", port);
        await using var application = new MeshApplication(
            Settings.Registry($"http://registry.test:{port}/eureka/").With("Security:Endpoints:AllowLoopback", "true"),
            services => services.AddSingleton<IHostResolver>(new Names("registry.test", "127.0.0.2", "127.0.0.1")));

        Assert.Equal("hello", await application.Client().GetStringAsync(new Uri("http://orders/"), Token));
    }

    [Fact]
    public async Task Registry_with_one_address_that_never_answers_is_reached()
    {
        await using var server = await TestServer.StartAsync("hello");
        await using var registry = await ScriptedRegistry.StartAsync(ScriptedRegistry.Instance("a", "127.0.0.1", server.Address.Port));
        var port = new Uri(registry.Url).Port;
        using var hanging = new TcpListener(IPAddress.Parse("127.0.0.2"), port);
        hanging.Start();
        await using var application = new MeshApplication(
            Settings.Registry($"http://registry.test:{port}/eureka/")
                .With("Security:Endpoints:AllowLoopback", "true")
                .With("Discovery:Eureka:RequestTimeout", "00:00:02")
                .With("Discovery:Eureka:FetchInterval", "00:00:01"),
            services => services.AddSingleton<IHostResolver>(new Names("registry.test", "127.0.0.2", "127.0.0.1")));

        Assert.Equal("hello", await application.Client().GetStringAsync(new Uri("http://orders/"), Token));
    }

    /// <summary>What a server on a dual-stack socket takes for its own address, and registers.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Address_of_IPv4_written_as_IPv6_is_reached(bool registered)
    {
        await using var server = await TestServer.StartAsync("hello");
        await using var registry = await ScriptedRegistry.StartAsync(
            ScriptedRegistry.Instance("a", "::ffff:127.0.0.1", server.Address.Port));
        await using var application = new MeshApplication(
            registered
                ? Settings.Registry(registry.Url).With("Security:Endpoints:AllowLoopback", "true")
                : Settings.Service("orders", $"http://[::ffff:127.0.0.1]:{server.Address.Port}"));

        Assert.Equal("hello", await application.Client().GetStringAsync(new Uri("http://orders/"), Token));
    }

    [Fact]
    public async Task Connection_is_watched_by_the_operating_system()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        await using var stream = (NetworkStream)await new SocketConnector().ConnectAsync((IPEndPoint)listener.LocalEndpoint, Token);

        Assert.NotEqual(0, stream.Socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive));
        Assert.Equal(15, stream.Socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime));
        if (OperatingSystem.IsLinux())
        {
            var value = new byte[4];
            stream.Socket.GetRawSocketOption(6, 18, value);
            Assert.Equal(30_000, BitConverter.ToInt32(value));
        }
    }

    private sealed class Names(string host, params string[] addresses) : IHostResolver
    {
        public Task<IPAddress[]> ResolveAsync(string name, CancellationToken cancellationToken) =>
            name == host
                ? Task.FromResult<IPAddress[]>([.. addresses.Select(IPAddress.Parse)])
                : throw new SocketException((int)SocketError.HostNotFound);
    }
}
