using System.Diagnostics.Metrics;
using System.Net;
using Mesh.Client.Inbound;
using Mesh.Client.Options;
using Mesh.Client.Registration;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;

namespace Mesh.Client.Tests.Inbound;

/// <summary>The server's middleware around an application that is one function, without a server.</summary>
internal sealed class ServerFixture : IDisposable
{
    private readonly InboundMiddleware _middleware;

    public ServerFixture(Action<MeshOptions>? configure = null, Action<IServiceCollection>? services = null)
    {
        Mesh = new MeshFixture(
            options =>
            {
                options.Service.Name = "orders";
                configure?.Invoke(options);
            },
            collection =>
            {
                collection.AddSingleton<IHostEnvironment>(new Development());
                services?.Invoke(collection);
            });
        _middleware = ActivatorUtilities.CreateInstance<InboundMiddleware>(
            Mesh.Provider, (RequestDelegate)(context => Application(context)));
    }

    public MeshFixture Mesh { get; }

    public RequestDelegate Application { get; set; } = static _ => Task.CompletedTask;

    public DrainState Drain => Mesh.Provider.GetRequiredService<DrainState>();

    public static DefaultHttpContext Request(string path = "/", string method = "GET", string? deadline = null)
    {
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature());
        context.Request.Method = method;
        context.Request.Path = path;
        context.Connection.RemoteIpAddress = IPAddress.Loopback;
        context.Connection.LocalIpAddress = IPAddress.Loopback;
        context.Connection.LocalPort = 8080;
        if (deadline is not null)
        {
            context.Request.Headers["mesh-deadline"] = deadline;
        }

        return context;
    }

    public Task InvokeAsync(HttpContext context) => _middleware.InvokeAsync(context);

    public MetricCollector<T> Collect<T>(string name)
        where T : struct => new(Mesh.Provider.GetRequiredService<IMeterFactory>(), MeshTelemetry.MeterName, name, Mesh.Time);

    public void Dispose() => Mesh.Dispose();

    private sealed class Development : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = Environments.Development;

        public string ApplicationName { get; set; } = "tests";

        public string ContentRootPath { get; set; } = ".";

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
