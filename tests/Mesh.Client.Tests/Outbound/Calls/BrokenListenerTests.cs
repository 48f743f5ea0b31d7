using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>Listeners and loggers of the application's run inside of a call. What they throw takes nothing
/// from it, and leaves nothing in flight.</summary>
public sealed class BrokenListenerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Send_meter_listener_that_throws_changes_no_call()
    {
        using var mesh = Fleet.Of(3);
        mesh.Network.On(Fleet.At(1), HttpStatusCode.ServiceUnavailable);
        mesh.Network.On(Fleet.At(2), HttpStatusCode.RequestHeaderFieldsTooLarge);
        var factory = mesh.Provider.GetRequiredService<IMeterFactory>();
        var thrown = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Scope == factory && !instrument.IsObservable)
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => Throw());
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => Throw());
        _ = mesh.Directory;
        listener.Start();

        for (var i = 0; i < 30; i++)
        {
            using var response = await mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token));
            Assert.NotEqual(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        }

        Assert.True(thrown > 30);
        Assert.Equal(0, mesh.InFlight());
        Assert.True(mesh.Endpoint(1).Health.IsEjected);

        void Throw()
        {
            thrown++;
            throw new InvalidOperationException("The listener is broken.");
        }
    }

    /// <summary>What is noted of a failed attempt comes from the exception, which may be one of the application's.</summary>
    [Fact]
    public async Task Send_exception_that_cannot_say_what_it_is_leaves_nothing_in_flight()
    {
        using var mesh = Fleet.Of(1);
        mesh.All(static (_, _) => throw new UnspeakableException());

        var thrown = false;
        try
        {
            await mesh.Client.GetAsync(Fleet.Url, Token);
        }
        catch (UnspeakableException)
        {
            // Caught by hand: Assert.Throws reads the message.
            thrown = true;
        }

        Assert.True(thrown);
        Assert.Equal(0, mesh.InFlight());
    }

    [Fact]
    public async Task Send_logger_that_throws_changes_no_call()
    {
        using var broken = new BrokenLoggerProvider();
        using var mesh = new MeshFixture(
            options =>
            {
                options.Telemetry.AccessLog = true;
                options.Services[Fleet.Name] = Fleet.Options(3, s => s.CircuitBreaker.MinimumThroughput = 2);
            },
            services => services.AddLogging(logging => logging.AddProvider(broken)));
        mesh.Network.On(Fleet.At(1), HttpStatusCode.ServiceUnavailable);

        broken.IsBroken = true;
        for (var i = 0; i < 30; i++)
        {
            using var response = await mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.True(mesh.Endpoint(1).Health.IsEjected);
        Assert.Equal(0, mesh.InFlight());
        Assert.Equal(2, mesh.Catalog().Endpoints.Current.Usable.Length);

        // The breaker opens, and says so in vain.
        mesh.All(Answers.Status(HttpStatusCode.InternalServerError));
        for (var i = 0; i < 100; i++)
        {
            var exception = await Record.ExceptionAsync(
                async () => (await mesh.Advance(mesh.Client.PostAsync(Fleet.Url, null, Token))).Dispose());
            Assert.True(exception is null or CallRejectedException, exception?.ToString());
        }

        Assert.NotEqual(Polly.CircuitBreaker.CircuitState.Closed, mesh.Catalog().Breaker.State);
        Assert.Equal(0, mesh.InFlight());
        Assert.True(broken.Thrown > 30);
    }

    [Fact]
    public async Task Send_activity_listener_that_throws_changes_no_call()
    {
        using var mesh = Fleet.Of(1);
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Mesh.Client",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.Name == "mesh " + Fleet.Name
                ? ActivitySamplingResult.AllData
                : ActivitySamplingResult.None,
            ActivityStopped = activity => throw new InvalidOperationException("The exporter is broken."),
        };

        // Only calls of this test have a span to end: others in the process are not asked to make one.
        using var response = await Listening();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(0, mesh.InFlight());

        async Task<HttpResponseMessage> Listening()
        {
            var root = new Activity("test").Start();
            try
            {
                listener.Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.Parent.TraceId == root.TraceId
                    ? ActivitySamplingResult.AllData
                    : ActivitySamplingResult.None;
                ActivitySource.AddActivityListener(listener);
                return await mesh.Client.GetAsync(Fleet.Url, Token);
            }
            finally
            {
                root.Stop();
            }
        }
    }

    private sealed class BrokenLoggerProvider : ILoggerProvider, ILogger
    {
        public bool IsBroken { get; set; }

        public int Thrown { get; private set; }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsBroken)
            {
                Thrown++;
                throw new IOException("No space left on device.");
            }
        }

        public void Dispose()
        {
        }
    }

    private sealed class UnspeakableException : Exception
    {
        public override string Message => throw new InvalidOperationException("The resources are not there.");
    }
}
