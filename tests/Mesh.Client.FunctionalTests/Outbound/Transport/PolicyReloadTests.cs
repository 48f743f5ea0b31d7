using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Mesh.Client.FunctionalTests.Servers;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Transport;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Outbound.Transport;

/// <summary>A reload changes how endpoints are connected to, under calls: none of them fails, and no connection is left over.</summary>
public sealed class PolicyReloadTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Other_connect_timeouts_fail_no_call_and_leave_no_connection(int version)
    {
        var finish = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(
            async context =>
            {
                if (context.Request.Path == "/download")
                {
                    await context.Response.WriteAsync("beginning ", context.RequestAborted);
                    await context.Response.Body.FlushAsync(context.RequestAborted);
                    await finish.Task.WaitAsync(context.RequestAborted);
                    await context.Response.WriteAsync("end", context.RequestAborted);
                }
            },
            listen => listen.Protocols = version == 2 ? HttpProtocols.Http2 : HttpProtocols.Http1);
        var settings = Settings.Service("shop", server.Url).With("Services:shop:BodyIdleTimeout", Patience.Limit);
        await using var application = new MeshApplication(settings);
        var endpoint = application.State("shop").Endpoints.Current.All[0];
        var client = application.Client();
        using var download = await SendAsync(client, "/download", version);
        var replaced = new HashSet<string>();
        await using (var traffic = new Traffic(client, "http://shop/", version))
        {
            for (var i = 0; i < 20; i++)
            {
                await traffic.FlowAsync(8);
                replaced.UnionWith(server.OpenConnections);
                await SaveAsync(application, settings, TimeSpan.FromSeconds(2 + (i % 2)));
            }

            await traffic.FlowAsync(8);
            await traffic.StopAsync();
            Assert.Empty(traffic.Failures);
        }

        Assert.Same(endpoint, Assert.Single(application.State("shop").Endpoints.Current.All));
        Assert.True(endpoint.Load.HasLatency);
        Assert.Equal(1, endpoint.Load.InFlight);

        // Longer than replaced connections are kept for what is about to be sent: of them, only the one with the body stays.
        await Patience.UntilAsync(() => replaced.Intersect(server.OpenConnections).Count() <= 1, "replaced connections are closed");
        await Patience.PassAsync(TimeSpan.FromSeconds(5.5), Token);
        finish.SetResult();
        Assert.Equal("beginning end", await download.Content.ReadAsStringAsync(Token));

        await SaveAsync(application, settings, TimeSpan.FromSeconds(4));
        await Patience.UntilAsync(() => server.Connections == 0, "idle connections are closed");
        (await SendAsync(client, "/", version)).Dispose();
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task Other_names_in_tls_fail_no_call_and_are_asked_for_at_once()
    {
        var names = new ConcurrentQueue<string?>();
        var replaced = new HashSet<string>();
        await using var server = await TestServer.StartAsync(
            context => context.Response.WriteAsync("hello"),
            listen => listen.UseHttps(https => https.ServerCertificateSelector = (_, name) =>
            {
                names.Enqueue(name);
                return Certificates.ForServer(name!);
            }));
        var settings = Settings.Service("shop", server.Url).With("Services:shop:TlsName", "name-0.internal");
        await using var application = new MeshApplication(
            settings, services => services.AddSingleton<ITransportFactory>(new TrustingTransports()));
        var endpoint = application.State("shop").Endpoints.Current.All[0];
        await using (var traffic = new Traffic(application.Client(), "http://shop/"))
        {
            for (var i = 1; i <= 10; i++)
            {
                await traffic.FlowAsync(8);
                replaced.UnionWith(server.OpenConnections);
                var name = $"name-{i}.internal";
                application.Save(settings.With("Services:shop:TlsName", name));
                await Patience.UntilAsync(() => application.State("shop").Model.Transport.TlsName == name, "the reload is in force");
            }

            await traffic.FlowAsync(8);
            await traffic.StopAsync();
            Assert.Empty(traffic.Failures);
        }

        Assert.Same(endpoint, Assert.Single(application.State("shop").Endpoints.Current.All));
        Assert.Equal(Enumerable.Range(0, 11).Select(i => $"name-{i}.internal"), names.Distinct());
        await Patience.UntilAsync(() => !replaced.Overlaps(server.OpenConnections), "replaced connections are closed");
        Assert.Equal(0, endpoint.Load.InFlight);
    }

    private static async Task SaveAsync(MeshApplication application, Settings settings, TimeSpan connectTimeout)
    {
        application.Save(settings.With("Services:shop:ConnectTimeout", connectTimeout));
        await Patience.UntilAsync(
            () => application.State("shop").Model.Transport.ConnectTimeout == connectTimeout, "the reload is in force");
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, string path, int version)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://shop" + path)
        {
            Version = version == 2 ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        return (await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token)).EnsureSuccessStatusCode();
    }

    /// <summary>As those of the mesh, with trust in the certificates of the tests.</summary>
    private sealed class TrustingTransports : ITransportFactory
    {
        public HttpMessageInvoker Create(string service, EndpointDescription endpoint, TransportPolicy policy) =>
            new(new SocketsHttpHandler
            {
                UseProxy = false,
                SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = Certificates.TrustRoot() },
                ConnectCallback = async (_, cancellationToken) =>
                {
                    var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                    await socket.ConnectAsync(endpoint.AddressHost, endpoint.Port, cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            });
    }
}
