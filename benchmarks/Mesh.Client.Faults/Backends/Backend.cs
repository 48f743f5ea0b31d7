using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Faults.Backends;

/// <summary>One instance of the service: a real Kestrel on loopback, or a port where nothing listens.</summary>
internal sealed class Backend(BackendBehaviour behaviour, int port) : IBackend
{
    public static readonly TimeSpan HealthyTime = TimeSpan.FromMilliseconds(5);
    public static readonly TimeSpan SlowTime = TimeSpan.FromMilliseconds(800);

    public static readonly TimeSpan WorkerTime = TimeSpan.FromMilliseconds(5);

    /// <summary>Answers how many requests there were before.</summary>
    public const string CountPath = "/requests";

    private readonly SemaphoreSlim _worker = new(1);
    private WebApplication? _server;
    private int _posts;
    private int _requests;

    public string Address => $"http://127.0.0.1:{port}";

    public int Posts => Volatile.Read(ref _posts);

    public async Task StartAsync()
    {
        if (behaviour == BackendBehaviour.Dead)
        {
            return;
        }

        // The empty builder reads no settings of the environment, so that no variable moves the port.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        _server = builder.Build();
        _server.Run(AnswerAsync);
        await _server.StartAsync();
    }

    public async Task StopAsync()
    {
        if (_server is { } server)
        {
            _server = null;
            await server.StopAsync();
            await server.DisposeAsync();
        }
    }

    public Task<int> CountRequestsAsync() => Task.FromResult(Volatile.Read(ref _requests));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _worker.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == CountPath)
        {
            await context.Response.WriteAsync(Volatile.Read(ref _requests).ToString(CultureInfo.InvariantCulture));
            return;
        }

        Interlocked.Increment(ref _requests);
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
            case BackendBehaviour.TooMany:
                context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
                return;
            case BackendBehaviour.NotFound:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            case BackendBehaviour.GrpcUnavailable:
                context.Response.ContentType = "application/grpc";
                context.Response.Headers["grpc-status"] = "14";
                return;
            case BackendBehaviour.GrpcUnimplemented:
                context.Response.ContentType = "application/grpc";
                context.Response.Headers["grpc-status"] = "12";
                return;
            case BackendBehaviour.Redirecting:
                context.Response.Redirect("http://login.invalid/");
                return;
            case BackendBehaviour.BrokenSmallBody:
                await BreakAsync(context, 100);
                return;
            case BackendBehaviour.BrokenLargeBody:
                await BreakAsync(context, 64 * 1024);
                return;
            case BackendBehaviour.Slow:
                await Task.Delay(SlowTime);
                break;
            case BackendBehaviour.Worker:
                await WorkAsync(WorkerTime);
                break;
            case BackendBehaviour.HalfWorker:
                await WorkAsync(2 * WorkerTime);
                break;
            case BackendBehaviour.QuarterWorker:
                await WorkAsync(4 * WorkerTime);
                break;
            default:
                await Task.Delay(HealthyTime);
                break;
        }

        context.Response.ContentType = "text/plain";
        await context.Response.WriteAsync("ok");
    }

    private static async Task BreakAsync(HttpContext context, int length)
    {
        context.Response.ContentLength = length;
        await context.Response.Body.WriteAsync(new byte[length / 2]);
        await context.Response.Body.FlushAsync();

        // The head must be there first: a reset takes along what the caller has not read yet.
        await Task.Delay(HealthyTime);
        context.Abort();
    }

    /// <summary>One request at a time; the others wait.</summary>
    private async Task WorkAsync(TimeSpan time)
    {
        await _worker.WaitAsync();
        try
        {
            await Task.Delay(time);
        }
        finally
        {
            _worker.Release();
        }
    }
}
