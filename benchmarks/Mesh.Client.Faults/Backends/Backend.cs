using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Faults.Backends;

/// <summary>One instance of the service: a real Kestrel on loopback, or a port where nothing listens.</summary>
internal sealed class Backend(BackendBehaviour behaviour) : IAsyncDisposable
{
    public static readonly TimeSpan HealthyTime = TimeSpan.FromMilliseconds(5);
    public static readonly TimeSpan SlowTime = TimeSpan.FromMilliseconds(800);

    private readonly int _port = LoopbackPort.Take();
    private WebApplication? _server;
    private int _posts;

    public string Address => $"http://127.0.0.1:{_port}";

    /// <summary>How many POST requests arrived.</summary>
    public int Posts => Volatile.Read(ref _posts);

    public async Task StartAsync()
    {
        if (behaviour == BackendBehaviour.Dead)
        {
            return;
        }

        // The empty builder reads no settings of the environment, so that no variable moves the port.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, _port));
        _server = builder.Build();
        _server.Run(AnswerAsync);
        await _server.StartAsync();
    }

    /// <summary>Stops listening and closes every connection, as the end of the process does.</summary>
    public async Task StopAsync()
    {
        if (_server is { } server)
        {
            _server = null;
            await server.StopAsync();
            await server.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        if (HttpMethods.IsPost(context.Request.Method))
        {
            Interlocked.Increment(ref _posts);
        }

        switch (behaviour)
        {
            case BackendBehaviour.Failing:
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                return;
            case BackendBehaviour.Unavailable:
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return;
            case BackendBehaviour.Slow:
                await Task.Delay(SlowTime);
                break;
            default:
                await Task.Delay(HealthyTime);
                break;
        }

        context.Response.ContentType = "text/plain";
        await context.Response.WriteAsync("ok");
    }
}
