using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.FunctionalTests.Servers;

/// <summary>One instance of a service: a real web application with <c>AddMesh()</c> that registers itself.</summary>
internal sealed class MeshInstance : IAsyncDisposable
{
    private readonly WebApplication _application;
    private int _requests;

    private MeshInstance(WebApplication application, FakeLogCollector logs)
    {
        _application = application;
        Logs = logs;
    }

    public FakeLogCollector Logs { get; }

    /// <summary>The bodies of the POSTs that it took.</summary>
    public ConcurrentQueue<string> Posts { get; } = [];

    public int Requests => Volatile.Read(ref _requests);

    public IServiceProvider Services => _application.Services;

    public string Url => _application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    public static async Task<MeshInstance> StartAsync(
        string service, string registryUrl, Action<IServiceCollection>? services = null, Settings? settings = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(
            Settings.Registry(registryUrl).With("Service:Name", service).With("Lifecycle:DrainDelay", TimeSpan.FromSeconds(2)));
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddMesh();
        services?.Invoke(builder.Services);
        var logs = new FakeLogCollector();
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(new FakeLoggerProvider(logs));
        var application = builder.Build();
        var instance = new MeshInstance(application, logs);
        application.Run(instance.AnswerAsync);
        await application.StartAsync();
        return instance;
    }

    /// <summary>As the operator's stop signal does.</summary>
    public Task StopAsync() => _application.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        if (HttpMethods.IsPost(context.Request.Method))
        {
            Posts.Enqueue(body);
        }

        await context.Response.WriteAsync("hello", context.RequestAborted);
    }
}
