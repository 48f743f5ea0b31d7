using System.Net;
using Mesh.Client.Configuration;
using Mesh.Client.Outbound.Services;
using Mesh.Client.State;
using Mesh.Client.Tests.DependencyInjection;
using Mesh.Client.Tests.Eureka;
using Mesh.Client.Tests.Lifecycle;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Polly.CircuitBreaker;

namespace Mesh.Client.Tests.Telemetry;

/// <summary>A log provider that always throws: nothing throws for it, and nothing stands still.</summary>
public sealed class ThrowingProviderTests
{
    private const string Good = """{ "Mesh": { "Services": { "orders": { "Timeout": "00:00:01" } } } }""";
    private const string Better = """{ "Mesh": { "Services": { "orders": { "Timeout": "00:00:02" } } } }""";
    private const string Broken = """{ "Mesh": { "Services": { "orders": { "Timeout": "soon" } } } }""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The message comes from a timer: an exception there ends the process, and the reload came after it.</summary>
    [Theory]
    [InlineData("log")]
    [InlineData("is enabled")]
    [InlineData("create")]
    public void Reload_is_in_force(string what)
    {
        using var logger = Throwing(what);
        using var application = new TestApplication(Good);
        application.Services.AddLogging(logging => logging.AddProvider(logger)).AddMesh();
        var configuration = application.Build().GetRequiredService<MeshConfiguration>();
        List<int> seen = [];
        configuration.Model.OnChange(static _ => throw new InvalidOperationException("a part that cannot follow"));
        configuration.Model.OnChange(view => seen.Add(view.Generation));

        application.Edit(Better);
        Assert.Equal(TimeSpan.FromSeconds(2), configuration.Model.Current.Of("orders").Routes[0].Policy.Timeout);

        application.Edit(Broken);
        Assert.True(configuration.IsRejected);
        application.Edit(Better);
        Assert.False(configuration.IsRejected);

        application.Edit(Broken);
        application.Edit(Good);
        Assert.Equal(TimeSpan.FromSeconds(1), configuration.Model.Current.Of("orders").Routes[0].Policy.Timeout);

        application.Edit("{ }");
        Assert.Equal([2, 3, 4], seen);

        // Reloaded twice, not followed 3 times, rejected twice, recovered twice, emptied once.
        Assert.True(logger.Thrown >= 10, $"Thrown {logger.Thrown} times.");
    }

    /// <summary>From the start, over a registry that goes and comes twice, to the farewell.</summary>
    [Theory]
    [InlineData("log")]
    [InlineData("is enabled")]
    [InlineData("create")]
    public async Task Application_starts_finds_registers_and_leaves(string what)
    {
        using var logger = Throwing(what);
        await using var app = new LifecycleHarness(
            services => services.AddLogging(logging => logging.AddProvider(logger)),
            settings: ("Mesh:Discovery:Eureka:Fetch", "true"));
        var (isDown, host) = (true, "10.0.0.5");
        app.Wire.Answer = request =>
            isDown ? ScriptedRegistry.Status(HttpStatusCode.ServiceUnavailable)
            : request.Method == "GET"
                ? ScriptedRegistry.Json(TestInstance.Json(
                    TestInstance.Of("a", app: "CATALOG", host: host, port: 80, vip: "catalog"),

                    // Refused: loopback, from a registry that is elsewhere.
                    TestInstance.Of("b", app: "CATALOG", host: "127.0.0.1", port: 80, vip: "catalog")))
                : ScriptedRegistry.Status(HttpStatusCode.NoContent);
        var directory = app.Services.GetRequiredService<ServiceDirectory>();
        string? Found() =>
            directory.Services.SingleOrDefault(static service => service.Name == "catalog")?.Endpoints.Current.All.SingleOrDefault()?.Name;

        await Reach(app, app.StartAsync(), "the start");
        await Reach(app, () => app.Wire.Rest().Any(static request => request.Method == "GET"), "another question to the registry");
        isDown = false;
        await Reach(app, () => Found() == "10.0.0.5:80", "the endpoint");
        await Reach(app, () => app.Wire.Rest().Any(static request => request is { Body: not null, Status: "UP" }), "the registration");

        isDown = true;
        await Reach(app, () => app.Wire.Rest().Any(static request => request.Method == "PUT"), "a heartbeat that fails");
        await Reach(app, () => app.Wire.Rest().Any(static request => request.Method == "GET"), "a question that fails");
        (isDown, host) = (false, "10.0.0.6");
        await Reach(app, () => Found() == "10.0.0.6:80", "the endpoint at its new address");

        await Reach(app, app.Lifecycle.StoppingAsync(Token), "the end of the drain delay");
        await app.Lifecycle.StopAsync(Token);
        await Reach(app, app.Lifecycle.StoppedAsync(Token), "the stop");

        var last = app.Wire.Rest();
        Assert.Contains(last, static request => request is { Body: not null, Status: "DOWN" });

        // The questions about others are asked on a clock of their own.
        Assert.Equal("DELETE", last.Last(static request => request.Method != "GET").Method);
        Assert.True(logger.Thrown > 5, $"Thrown {logger.Thrown} times.");
    }

    /// <summary>The message is written by a continuation that nothing awaits.</summary>
    [Fact]
    public async Task Start_report_leaves_no_unobserved_exception()
    {
        using var logger = Throwing("log");
        var unobserved = 0;
        void Count(object? sender, UnobservedTaskExceptionEventArgs failed) =>
            unobserved += failed.Exception.Flatten().InnerExceptions.Any(exception => exception.Message == logger.Message) ? 1 : 0;
        TaskScheduler.UnobservedTaskException += Count;
        try
        {
            await ReportAsync(logger);
            for (var i = 0; i < 3; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Count;
        }

        Assert.Equal(0, unobserved);
        Assert.Equal(1, logger.Thrown);
    }

    [Fact]
    public async Task Source_goes_on_whatever_it_publishes_and_its_end_is_the_end_of_it_alone()
    {
        using var logger = Throwing("log");
        var source = new TestSource();
        using var mesh = new MeshFixture(services: services => services.AddLogging(logging => logging.AddProvider(logger))
            .AddSingleton<IMeshSource>(source)
            .AddSingleton<IMeshSource>(new FailingSource()));
        mesh.Directory.Start();
        var sink = await Patience.For(source.Sink, "the start of the source");

        // Link-local, a name with a line break, an address by HTTP's rules.
        sink.Publish("catalog", [TestSource.Endpoint("http://169.254.169.254/"), TestSource.Endpoint("http://10.0.0.5/")]);
        sink.Publish("a\nb", [TestSource.Endpoint("http://10.0.0.6/")]);
        sink.Publish("10.1", [TestSource.Endpoint("http://10.0.0.7/")]);
        sink.Ready();

        await Patience.For(mesh.Directory.WhenReady, "the end of the source that fails");
        Assert.Equal(["10.0.0.5:80"], mesh.Catalog().Endpoints.Current.All.Select(static endpoint => endpoint.Name));
        Assert.Equal([1210, 1211, 1212, 1700], mesh.Logs.GetSnapshot().Select(static record => record.Id.Id).Order());
        Assert.Equal(4, logger.Thrown);
        await Patience.For(mesh.Directory.StopAsync(Token), "the stop");
    }

    [Theory]
    [InlineData("log")]
    [InlineData("is enabled")]
    [InlineData("create")]
    public async Task Calls_and_their_state_go_on(string what)
    {
        using var logger = Throwing(what);
        using var mesh = Fleet.Of(
            3,
            static service => service.CircuitBreaker.MinimumThroughput = 4,
            services: services => services.AddLogging(logging => logging.AddProvider(logger)));

        mesh.Network.On(Fleet.At(1), Answers.Draining());
        for (var i = 0; i < 6; i++)
        {
            using var response = await mesh.Client.GetAsync(Fleet.Url, Token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal([mesh.Endpoint(1)], mesh.Catalog().Endpoints.Current.Draining);
        mesh.Eject(2);
        mesh.Readmit(2);

        mesh.All(Answers.Status(HttpStatusCode.InternalServerError));
        for (var i = 0; i < 20 && mesh.Catalog().Breaker.State == CircuitState.Closed; i++)
        {
            using var response = await mesh.Client.PostAsync(Fleet.Url, null, Token);
            Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        }

        Assert.Equal(CircuitState.Open, mesh.Catalog().Breaker.State);

        // Draining, ejected, back, breaker open.
        Assert.True(logger.Thrown >= 4, $"Thrown {logger.Thrown} times.");
    }

    private static ThrowingLogger Throwing(string what) => new("Mesh.Client", isEnabled: what != "is enabled", creates: what != "create");

    private static async Task ReportAsync(ThrowingLogger logger)
    {
        var source = new TestSource { Status = new() { Addresses = ["http://registry:8761/eureka/"] } };
        using var application = new TestApplication(
            """{ "Mesh": { "Discovery": { "Eureka": { "ServiceUrls": [ "http://registry:8761/eureka/" ] } } } }""");
        application.Services.AddLogging(logging => logging.AddProvider(logger)).AddMesh();
        application.Services.Remove(Assert.Single(
            application.Services, static service => service.ServiceType == typeof(IMeshSource)));
        application.Services.AddSingleton<IMeshSource>(source);
        var provider = ((IServiceCollection)application.Services).BuildServiceProvider();
        var directory = provider.GetRequiredService<ServiceDirectory>();
        directory.Start();

        // Alone: the other hosted services need a host. What the start itself says can be written.
        logger.IsFull = false;
        await ActivatorUtilities.CreateInstance<StartReport>(provider).StartedAsync(Token);
        logger.IsFull = true;
        var sink = await Patience.For(source.Sink, "the start of the source");
        sink.Ready();
        sink.BeginRead();
        sink.EndRead(TimeSpan.Zero);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        for (var i = 0; i < 6000 && logger.Thrown == 0; i++)
        {
            await timer.WaitForNextTickAsync(Token);
        }

        await Patience.For(directory.StopAsync(Token), "the stop");
        await provider.DisposeAsync();
    }

    private static async Task Reach(LifecycleHarness app, Task task, string what)
    {
        await Reach(app, () => task.IsCompleted, what);
        await task;
    }

    /// <summary>Lets time pass until something is so, and no more than half an hour of it.</summary>
    private static async Task Reach(LifecycleHarness app, Func<bool> condition, string what)
    {
        var steps = 0;
        var reached = false;
        await app.Time.AdvanceUntil(() => (reached = reached || condition()) || ++steps > 1_800, stepMs: 1_000);
        Assert.True(reached, "Never came: " + what);
    }

    private sealed class FailingSource : IMeshSource
    {
        public string Name => "failing";

        public Task RunAsync(IMeshSink sink, CancellationToken stoppingToken) => throw new InvalidOperationException("no answer");
    }
}
