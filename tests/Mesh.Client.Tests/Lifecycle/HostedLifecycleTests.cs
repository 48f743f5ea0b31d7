using System.Net;
using System.Net.Sockets;
using Mesh.Client.DependencyInjection;
using Mesh.Client.Eureka;
using Mesh.Client.Model;
using Mesh.Client.Primitives;
using Mesh.Client.Tests.Eureka;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Lifecycle;

/// <summary>The order of things in a real host with a real server.</summary>
public class HostedLifecycleTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Host_registers_the_port_it_got_serves_while_draining_and_deletes_after_it_closed()
    {
        var time = new StepTimeProvider();
        var wire = new ScriptedRegistry();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Mesh:Service:Name"] = "orders",
            ["Mesh:Discovery:Eureka:ServiceUrls:0"] = "http://registry:8761/eureka/",
            ["Mesh:Discovery:Eureka:Fetch"] = "false",
        });
        builder.Services.AddKeyedSingleton<TimeProvider>(OwnClockAttribute.Name, time);
        builder.Services.AddSingleton<IRandomSource>(new FixedRandom());
        builder.Services.AddSingleton(provider => new EurekaClient(provider.GetRequiredService<ModelInForce>(), time, wire));
        builder.Services.AddMesh();
        builder.Services.AddMeshLifecycle();
        await using var app = builder.Build();
        app.Run(context => context.Response.WriteAsync("hello"));
        using var http = new HttpClient();

        await app.StartAsync(Token);
        var address = new Uri(app.Urls.Single());
        var starting = await wire.NextAsync();
        Assert.Equal("STARTING", starting.Status);
        Assert.Equal(address.Port, (int)starting.Instance["port"]!["$"]!);
        Assert.Equal($"127.0.0.1:orders:{address.Port}", (string?)starting.Instance["instanceId"]);
        Assert.Equal("UP", (await wire.NextAsync()).Status);
        using (var before = await http.GetAsync(address, Token))
        {
            Assert.NotEqual(true, before.Headers.ConnectionClose);
        }

        var refusedAtDelete = false;
        wire.AnswerAsync = async (request, cancellation) =>
        {
            if (request.Method == "DELETE")
            {
                refusedAtDelete = await RefusesAsync(address.Port, cancellation);
            }

            return ScriptedRegistry.Status(HttpStatusCode.OK);
        };

        var stopping = app.StopAsync(Token);
        Assert.Equal("DOWN", (await wire.NextAsync()).Status);
        await time.ReachWaitAsync(TimeSpan.FromSeconds(5));
        using (var draining = await http.GetAsync(address, Token))
        {
            Assert.Equal("hello", await draining.Content.ReadAsStringAsync(Token));
            Assert.Equal(true, draining.Headers.ConnectionClose);
        }

        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("DELETE", (await wire.NextAsync()).Method);
        await Patience.For(stopping, "the end of the host");
        Assert.True(refusedAtDelete);
    }

    private static async Task<bool> RefusesAsync(int port, CancellationToken cancellationToken)
    {
        try
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
