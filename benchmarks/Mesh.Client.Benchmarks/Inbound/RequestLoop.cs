using System.Diagnostics;
using System.Net;
using Mesh.Client.Benchmarks.Measuring;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Mesh.Client.Benchmarks.Inbound;

/// <summary>Requests through the pipeline of ASP.NET Core to an application that does nothing, one after
/// the other, all of them the same one.</summary>
internal sealed class RequestLoop : ILoop
{
    private readonly IHost _host;
    private readonly RequestDelegate _pipeline;
    private readonly RequestLifetime _lifetime = new();
    private readonly DefaultHttpContext _context;

    private RequestLoop(IHost host, RequestDelegate pipeline)
    {
        _host = host;
        _pipeline = pipeline;
        _context = FromTheMesh();
        _context.Features.Set<IHttpRequestLifetimeFeature>(_lifetime);
    }

    /// <param name="application">Whether the application completes at once or later.</param>
    /// <param name="aborted">Whether it asks for <see cref="HttpContext.RequestAborted"/>.</param>
    /// <param name="mesh">Whether the mesh stands before it.</param>
    /// <exception cref="InvalidOperationException">The application sees nothing of the mesh, or sees it without one.</exception>
    public static async Task<ILoop> StartAsync(string application, bool aborted, bool mesh)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "benchmarks" });
        builder.Configuration.AddInMemoryCollection([new("Mesh:Inbound:TrustedNetworks:0", "10.0.0.0/8")]);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        if (mesh)
        {
            builder.Services.AddMesh();
        }

        var host = builder.Build();
        await host.StartAsync();
        await CheckAsync(host, mesh);
        return new RequestLoop(host, Build(host, Application(application == BenchmarkCase.Yield, aborted)));
    }

    public async Task RunAsync(int times)
    {
        // The server has begun one for each request.
        using var span = new Activity("request").Start();
        for (var i = 0; i < times; i++)
        {
            await _pipeline(_context);
            _lifetime.Reset();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        _lifetime.Dispose();
    }

    private static RequestDelegate Application(bool yields, bool aborted) => context =>
    {
        if (aborted)
        {
            context.RequestAborted.ThrowIfCancellationRequested();
        }

        return yields ? YieldAsync() : Task.CompletedTask;
    };

    private static async Task YieldAsync() => await Task.Yield();

    /// <summary>What a caller on the mesh sends.</summary>
    private static DefaultHttpContext FromTheMesh()
    {
        var headers = KestrelHeaders.Create();
        headers.Host = "orders";
        headers.Accept = "application/json";
        headers.UserAgent = "storefront/1.0";
        headers.TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        headers["mesh-caller"] = "storefront;1.0";
        headers["mesh-deadline"] = "60000";
        headers["mesh-criticality"] = "critical";
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(
            new HttpRequestFeature { Method = "GET", Scheme = "http", Path = "/api/orders/42", Headers = headers });
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        var context = new DefaultHttpContext(features);
        context.Connection.RemoteIpAddress = IPAddress.Parse("10.1.2.3");
        return context;
    }

    /// <summary>As the host of ASP.NET Core builds it.</summary>
    private static RequestDelegate Build(IHost host, RequestDelegate application)
    {
        Action<IApplicationBuilder> configure = app => app.Run(application);
        foreach (var filter in host.Services.GetServices<IStartupFilter>().Reverse())
        {
            configure = filter.Configure(configure);
        }

        var app = new ApplicationBuilder(host.Services);
        configure(app);
        return app.Build();
    }

    private static async Task CheckAsync(IHost host, bool mesh)
    {
        string? seen = null;
        using var lifetime = new RequestLifetime();
        var context = FromTheMesh();
        context.Features.Set<IHttpRequestLifetimeFeature>(lifetime);
        await Build(host, _ =>
        {
            seen = $"{MeshContext.Caller?.Name} {MeshContext.Remaining > TimeSpan.FromSeconds(1)}";
            return Task.CompletedTask;
        })(context);
        var expected = mesh ? "storefront True" : " False";
        if (seen != expected)
        {
            throw new InvalidOperationException($"The application sees '{seen}' of the mesh instead of '{expected}'.");
        }
    }
}
