using Mesh.Client.Discovery;
using Mesh.Client.Tests.Eureka;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Outbound.Services;

/// <summary>A source that ends, hangs or says nonsense of itself harms only itself.</summary>
public sealed class RunningSourcesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_does_not_wait_for_the_news_of_a_source_that_has_ended(bool throws)
    {
        var source = new EndingSource(throws);
        using var mesh = With(source);
        await Patience.For(mesh.Directory.WhenReady, "the end of the source");
        mesh.Time.Advance(TimeSpan.FromMinutes(1));

        var call = mesh.Client.GetAsync("http://orders/", Token);

        await Patience.For(Assert.ThrowsAsync<NoEndpointException>(() => call), "the answer, without time passing");
    }

    [Fact]
    public async Task Source_that_does_not_stop_is_named_after_a_while()
    {
        var source = new StubbornSource();
        using var mesh = With(source);
        await Patience.For(source.Started, "the start");

        var stop = mesh.Directory.StopAsync(Token);
        while (!stop.IsCompleted)
        {
            mesh.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await stop;

        Assert.Equal(
            "Sources that have not stopped when they were told to: stubborn. The application stops without them.",
            Assert.Single(mesh.Logs.GetSnapshot(), static record => record.Id.Id == 1213).Message);
        source.End();
    }

    [Fact]
    public void Status_of_nonsense_says_nothing()
    {
        Assert.Same(MeshSourceStatus.Default, SourceIdentity.StatusOf(new TestSource { Status = null! }));
        Assert.Same(MeshSourceStatus.Default, SourceIdentity.StatusOf(new TestSource { Status = new() { Addresses = null! } }));
        Assert.Same(MeshSourceStatus.Default, SourceIdentity.StatusOf(new TestSource { Status = new() { Addresses = [null!] } }));

        var idle = SourceIdentity.StatusOf(new TestSource { Status = new() { Idle = "a\nb" + new string('x', 5000) } }).Idle!;
        Assert.StartsWith("a?bx", idle, StringComparison.Ordinal);
        Assert.Equal(501, idle.Length);
    }

    private static MeshFixture With(IMeshSource source)
    {
        var mesh = new MeshFixture(services: services => services.AddSingleton(source));
        mesh.Directory.Start();
        return mesh;
    }

    private sealed class EndingSource(bool throws) : IMeshSource
    {
        public string Name => "ending";

        public Task RunAsync(IMeshSink sink, CancellationToken stoppingToken)
        {
            sink.BeginRead();
            sink.Publish("orders", []);
            sink.EndRead(TimeSpan.FromSeconds(5));
            return throws ? throw new InvalidOperationException("broken") : Task.CompletedTask;
        }
    }

    private sealed class StubbornSource : IMeshSource
    {
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Name => "stubborn";

        public Task Started => _started.Task;

        public void End() => _end.SetResult();

        public Task RunAsync(IMeshSink sink, CancellationToken stoppingToken)
        {
            _started.SetResult();
            return _end.Task;
        }
    }
}
