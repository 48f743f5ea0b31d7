using Mesh.Client.Outbound.Services;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Outbound.Services;

/// <summary>A call that finds no service, or no endpoint of one, asks the registry, and goes on with a newer answer.</summary>
public sealed class AskingTests
{
    private static readonly HttpRequestException UnknownHost = new(HttpRequestError.NameResolutionError, "Name or service not known");

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http://orders/")]
    [InlineData("mesh://orders/")]
    public async Task Unknown_name_asks_waits_for_the_answer_and_is_called_where_that_names_it(string url)
    {
        var (mesh, sink) = await StartAsync();
        using var _ = mesh;
        Read(mesh, sink, ago: 20);

        var call = mesh.Client.GetAsync(url, Token);
        Assert.False(call.IsCompleted);
        Assert.True(sink.NewsWanted.IsCompleted);
        sink.BeginRead();
        sink.Publish("orders", [TestSource.Endpoint("http://10.1.0.1")]);
        sink.EndRead(Interval);

        using var response = await call;
        Assert.Equal("10.1.0.1:80", Assert.Single(mesh.Network.Received).Endpoint);
    }

    [Fact]
    public async Task Unknown_name_that_the_answer_does_not_hold_goes_to_dns_and_does_not_wait_again()
    {
        using var primary = new RecordingHandler();
        var (mesh, sink) = await StartAsync(primary);
        using var _ = mesh;
        Read(mesh, sink, ago: 20);

        var call = mesh.Client.GetAsync("http://redis/", Token);
        sink.BeginRead();
        sink.EndRead(Interval);
        (await call).Dispose();
        Assert.Single(primary.Received);

        // DNS knows it: it is somebody else's, and neither asks nor waits, however old the answer is.
        mesh.Time.Advance(TimeSpan.FromMinutes(1));
        (await mesh.Client.GetAsync("http://redis/", Token)).Dispose();
        Assert.False(sink.NewsWanted.IsCompleted);
        Assert.Equal(2, primary.Received.Count);
    }

    [Fact]
    public async Task Registry_that_does_not_answer_is_waited_for_two_seconds()
    {
        using var primary = new RecordingHandler();
        var (mesh, sink) = await StartAsync(primary);
        using var _ = mesh;
        Read(mesh, sink, ago: 20);

        var call = mesh.Client.GetAsync("http://redis/", Token);
        mesh.Time.Advance(ServiceDirectory.MaxAsking - TimeSpan.FromTicks(1));
        Assert.False(call.IsCompleted);
        mesh.Time.Advance(TimeSpan.FromTicks(1));

        (await call).Dispose();
        Assert.Single(primary.Received);
    }

    [Fact]
    public async Task Fresh_answer_is_not_waited_for_but_asked_for()
    {
        using var primary = new RecordingHandler(Answers.Throw(() => UnknownHost));
        var (mesh, sink) = await StartAsync(primary);
        using var _ = mesh;
        Read(mesh, sink, ago: 2);

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Client.GetAsync("http://orders/", Token));

        Assert.True(sink.NewsWanted.IsCompleted);
        Assert.Contains("The registry was last read 2 s ago and is read again in 3 s.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Registry_that_fails_is_not_waited_for_and_the_message_says_why()
    {
        using var primary = new RecordingHandler(Answers.Throw(() => UnknownHost));
        var (mesh, sink) = await StartAsync(primary);
        using var _ = mesh;
        sink.BeginRead();
        sink.EndRead(TimeSpan.FromSeconds(4), "http://registry:8761/apps: answered 401");

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Client.GetAsync("http://orders/", Token));

        Assert.Contains("The registry gives no usable answer: http://registry:8761/apps: answered 401. It is asked again in 4 "
            + "s.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_registry_the_message_says_so_and_nothing_waits()
    {
        using var primary = new RecordingHandler(Answers.Throw(() => UnknownHost));
        using var mesh = new MeshFixture(primary: primary);

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Client.GetAsync("http://orders/", Token));

        Assert.Contains("No registry is configured", exception.Message, StringComparison.Ordinal);
        Assert.Contains("http://localhost:8761/eureka/", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Service_without_endpoint_asks_and_goes_on_with_what_has_come_up()
    {
        var (mesh, sink) = await StartAsync();
        using var _ = mesh;
        sink.Publish("orders", []);
        Read(mesh, sink, ago: 20);

        var call = mesh.Client.GetAsync("http://orders/", Token);
        Assert.False(call.IsCompleted);
        sink.BeginRead();
        sink.Publish("orders", [TestSource.Endpoint("http://10.1.0.1")]);
        sink.EndRead(Interval);

        using var response = await call;
        Assert.Single(mesh.Network.Received);
    }

    [Fact]
    public async Task Service_that_stays_without_endpoint_says_why_and_when_it_was_asked()
    {
        var (mesh, sink) = await StartAsync();
        using var _ = mesh;
        sink.Publish("orders", []);
        sink.Publish(new ServiceUpdate("orders") { Endpoints = [], Absence = "its 2 instances are STARTING", IsListed = true });
        Read(mesh, sink, ago: 20);

        var call = mesh.Client.GetAsync("http://orders/", Token);
        sink.BeginRead();
        sink.EndRead(Interval);

        var exception = await Assert.ThrowsAsync<NoEndpointException>(() => call);
        Assert.Contains("has no endpoint: its 2 instances are STARTING. The registry was last read 0 s ago and is read again in 5 "
            + "s.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_ends_with_the_caller()
    {
        var (mesh, sink) = await StartAsync();
        using var _ = mesh;
        sink.Publish("orders", []);
        Read(mesh, sink, ago: 20);
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var call = mesh.Client.GetAsync("http://orders/", caller.Token);
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task Service_that_was_never_called_is_forgotten_and_one_that_was_is_not()
    {
        var (mesh, sink) = await StartAsync();
        using var _ = mesh;
        var names = Assert.IsType<IMeshSink>(sink, exactMatch: false);
        sink.Publish("called", [TestSource.Endpoint("http://10.1.0.1")]);
        sink.Publish("other", []);
        (await mesh.Client.GetAsync("http://called/", Token)).Dispose();
        sink.Publish("called", []);

        Assert.False(sink.Withdraw("called"));
        Assert.True(sink.Withdraw("other"));
        Assert.Equal(["called"], mesh.Directory.Names);
    }

    [Theory]
    [InlineData("http://beyond/")]
    [InlineData("mesh://Beyond/")]
    public async Task Name_that_was_refused_is_an_error_and_never_goes_to_dns(string url)
    {
        using var primary = new RecordingHandler();
        var (mesh, sink) = await StartAsync(primary);
        using var _ = mesh;
        sink.LeaveOut(new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "beyond" });

        var exception = await Assert.ThrowsAsync<NoEndpointException>(() => mesh.Client.GetAsync(url, Token));

        Assert.Contains("names more than 10000 services", exception.Message, StringComparison.Ordinal);
        Assert.Empty(primary.Received);
    }

    [Theory]
    [InlineData("a\nfail: Program[0] forged line")]
    [InlineData("a\u2028b")]
    [InlineData("a\u202Eb")]
    public async Task Name_with_control_characters_is_not_taken_and_said_once(string name)
    {
        var (mesh, sink) = await StartAsync();
        using var _ = mesh;
        sink.Publish(name, [TestSource.Endpoint("http://10.1.0.1")]);
        sink.Publish(name, [TestSource.Endpoint("http://10.1.0.1")]);

        Assert.Empty(mesh.Directory.Names);
        var record = Assert.Single(mesh.Logs.GetSnapshot(), record => record.Id.Id == 1211);
        Assert.Equal("ServiceNameRefused", record.Id.Name);
        Assert.DoesNotContain(record.Message, c => c is '\n' or '\u2028' or '\u202E');
    }

    [Theory]
    [InlineData("123", "0.0.0.123")]
    [InlineData("10.0.0.5", "10.0.0.5")]
    [InlineData("localhost", "localhost")]
    [InlineData("loopback", "localhost")]
    public async Task Name_that_http_takes_for_an_address_is_reported_once(string name, string address)
    {
        var (mesh, sink) = await StartAsync();
        using var _ = mesh;
        sink.Publish(name, [TestSource.Endpoint("http://10.1.0.1")]);
        sink.Publish(name, [TestSource.Endpoint("http://10.1.0.2")]);

        var record = Assert.Single(mesh.Logs.GetSnapshot(), record => record.Id.Id == 1212);
        Assert.Equal("PublishedNameIsAddress", record.Id.Name);
        Assert.Contains($"service '{name}'", record.Message, StringComparison.Ordinal);
        Assert.Contains($"the address {address}:", record.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("123")]
    [InlineData("10.0.0.5")]
    [InlineData("localhost")]
    public async Task Name_that_http_takes_for_an_address_is_called_as_mesh(string name)
    {
        using var primary = new RecordingHandler();
        var (mesh, sink) = await StartAsync(primary);
        using var _ = mesh;
        sink.Publish(name, [TestSource.Endpoint("http://10.1.0.1")]);

        (await mesh.Client.GetAsync($"mesh://{name}/", Token)).Dispose();

        Assert.Single(primary.Received);
    }

    [Theory]
    [InlineData("orders")]
    [InlineData("1e")]
    [InlineData("256.1.1.1")]
    public async Task Name_that_is_no_address_is_not_reported(string name)
    {
        var (mesh, sink) = await StartAsync();
        using var _ = mesh;

        sink.Publish(name, [TestSource.Endpoint("http://10.1.0.1")]);

        Assert.DoesNotContain(mesh.Logs.GetSnapshot(), record => record.Id.Id == 1212);
    }

    [Fact]
    public async Task Dotted_name_that_the_registry_has_and_dns_has_not_is_explained()
    {
        using var primary = new RecordingHandler(Answers.Throw(() => UnknownHost));
        var (mesh, sink) = await StartAsync(primary);
        using var _ = mesh;
        sink.Publish("catalog.api", [TestSource.Endpoint("http://10.1.0.1")]);

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Client.GetAsync("http://catalog.api/", Token));

        Assert.Equal(HttpRequestError.NameResolutionError, exception.HttpRequestError);
        Assert.Contains("call mesh://catalog.api", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Mesh:Services:catalog.api", exception.Message, StringComparison.Ordinal);
    }

    private static async Task<(MeshFixture Mesh, IMeshSink Sink)> StartAsync(HttpMessageHandler? primary = null)
    {
        var source = new TestSource();
        var mesh = new MeshFixture(services: services => services.AddSingleton<IMeshSource>(source), primary: primary);
        mesh.Directory.Start();
        var sink = await source.Sink;
        sink.Ready();
        await mesh.Directory.WhenReady;
        return (mesh, sink);
    }

    /// <summary>The source was read some seconds ago.</summary>
    private static void Read(MeshFixture mesh, IMeshSink sink, int ago)
    {
        sink.BeginRead();
        sink.EndRead(Interval);
        mesh.Time.Advance(TimeSpan.FromSeconds(ago));
    }
}
