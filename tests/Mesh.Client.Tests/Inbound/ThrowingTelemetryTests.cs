using System.Diagnostics.Metrics;
using Mesh.Client.Inbound;
using Mesh.Client.Tests.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Inbound;

/// <summary>Loggers and listeners that throw neither fail a request nor keep it from being ended.</summary>
[Collection("Listeners")]
public sealed class ThrowingTelemetryTests
{
    [Theory]
    [InlineData("begin", false)]
    [InlineData("begin", true)]
    [InlineData("end", false)]
    [InlineData("end", true)]
    [InlineData("duration", false)]
    [InlineData("access log", false)]
    [InlineData("access log", true)]
    [InlineData("access log is on", false)]
    [InlineData("deadline", true)]
    [InlineData("dropped", false)]
    public async Task Request_ends_whatever_throws(string what, bool failing)
    {
        using var logger = new ThrowingLogger(
            what.StartsWith("access", StringComparison.Ordinal) ? "Mesh.Client.Access" : "Mesh.Client.Inbound",
            isEnabled: what != "access log is on");
        using var server = new ServerFixture(
            options => options.Telemetry.AccessLog = true,
            services => services.AddLogging(logging => logging.AddProvider(logger)));
        var thrown = 0;
        using var listener = Listen(server, measured =>
        {
            if (measured == what)
            {
                thrown++;
                throw new InvalidOperationException("the listener's");
            }
        });
        ExecutionContext? work = null;
        var own = new InvalidOperationException("the application's");
        server.Application = _ =>
        {
            work = ExecutionContext.Capture();
            server.Mesh.Time.Advance(TimeSpan.FromMilliseconds(what == "deadline" ? 100 : 1));
            return failing ? throw own : Task.CompletedTask;
        };
        var context = ServerFixture.Request(deadline: "100");
        context.Request.Headers["mesh-caller"] = "web;1.0";
        if (what == "dropped")
        {
            context.Connection.RemoteIpAddress = System.Net.IPAddress.Parse("203.0.113.7");
            context.Request.Headers["mesh-label-tenant"] = "acme";
        }

        var exception = await Record.ExceptionAsync(() => server.InvokeAsync(context));

        // What the application did counts, and nothing else.
        Assert.Same(failing && what != "deadline" ? own : null, exception);
        Assert.Equal(what == "deadline" ? 504 : 200, context.Response.StatusCode);
        Assert.Equal(1, thrown + Math.Min(1, logger.Thrown));
        string? caller = "none";
        ExecutionContext.Run(work!, _ => caller = MeshContext.Caller?.Name, null);
        Assert.Null(caller);

        server.Application = static _ => Task.CompletedTask;
        await server.InvokeAsync(Told());
        Assert.StartsWith("rif=0,", server.Mesh.Provider.GetRequiredService<ServerLoad>().HeaderValue, StringComparison.Ordinal);
    }

    /// <summary>One listener that throws does not keep the others from what comes after.</summary>
    [Fact]
    public async Task Request_that_a_listener_fails_to_count_is_still_measured_by_the_others()
    {
        using var server = new ServerFixture();
        using var active = server.Collect<long>("mesh.server.active_requests");
        using var duration = server.Collect<double>("mesh.server.request.duration");
        using var listener = Listen(server, measured => throw new InvalidOperationException(measured));

        await server.InvokeAsync(ServerFixture.Request());

        Assert.Equal(["1", "-1"], active.Lines());
        Assert.Single(duration.Lines());
    }

    /// <summary>What a listener does then, and for how long, is its own affair: work that the request has left behind must not see it
    /// meanwhile.</summary>
    [Theory]
    [InlineData("end")]
    [InlineData("duration")]
    public async Task Request_has_ended_for_its_work_before_any_listener_is_told(string what)
    {
        using var server = new ServerFixture();
        ExecutionContext? work = null;
        var callers = new List<string?>();
        void Look() => ExecutionContext.Run(work!, _ => callers.Add(MeshContext.Caller?.Name), null);
        using var listener = Listen(server, measured =>
        {
            if (measured == what)
            {
                Look();
            }
        });
        server.Application = _ =>
        {
            work = ExecutionContext.Capture();
            Look();
            return Task.CompletedTask;
        };

        await server.InvokeAsync(Told());

        Assert.Equal(["web", null], callers);
    }

    private static DefaultHttpContext Told()
    {
        var context = ServerFixture.Request();
        context.Request.Headers["mesh-caller"] = "web;1.0";
        return context;
    }

    private static MeterListener Listen(ServerFixture server, Action<string> measured)
    {
        var meters = server.Mesh.Provider.GetRequiredService<IMeterFactory>();
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                // Other tests run beside this one.
                if (ReferenceEquals(instrument.Meter.Scope, meters)
                    && instrument.Name.StartsWith("mesh.server.", StringComparison.Ordinal)
                    && !instrument.IsObservable)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => measured(value > 0 ? "begin" : "end"));
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => measured("duration"));
        listener.Start();
        return listener;
    }
}
