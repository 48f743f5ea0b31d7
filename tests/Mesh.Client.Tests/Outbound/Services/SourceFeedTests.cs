using Mesh.Client.Discovery;
using Mesh.Client.Options;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Outbound.Services;

/// <summary>One word of a source is taken as a whole, or not at all.</summary>
public sealed class SourceFeedTests : IDisposable
{
    private readonly TestSource _control = new("control", MeshSourceRank.ControlPlane);
    private readonly TestSource _registry = new("registry");
    private readonly MeshFixture _mesh;

    public SourceFeedTests()
    {
        _mesh = new MeshFixture(services: services =>
            services.AddSingleton<IMeshSource>(_control).AddSingleton<IMeshSource>(_registry));
        _mesh.Directory.Start();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _mesh.Dispose();

    [Fact]
    public async Task Words_from_several_threads_do_not_mix()
    {
        var sink = await _control.Sink;
        for (var round = 0; round < 500; round++)
        {
            await Task.WhenAll(Enumerable.Range(1, 4).Select(i => Task.Run(
                () => sink.Publish(new ServiceUpdate("orders")
                {
                    Settings = new ServiceOptions { Timeout = TimeSpan.FromSeconds(i) },
                    Endpoints = [TestSource.Endpoint($"http://10.1.0.{i}")],
                }),
                Token)));

            var service = _mesh.Service("orders");
            var endpoint = Assert.Single(service.Endpoints.Current.All);
            Assert.Equal($"10.1.0.{service.Model.Routes[0].Policy.Timeout.TotalSeconds}:80", endpoint.Name);
        }
    }

    /// <summary>As an application does that follows its own settings: a reload tells it, and it publishes, while the source publishes,
    /// too.</summary>
    [Fact]
    public async Task Word_said_during_a_change_of_the_configuration_waits_for_nobody()
    {
        var sink = await _control.Sink;
        var store = _mesh.Provider.GetRequiredService<MeshStore>();
        store.Model.OnChange(_ => sink.Publish("orders", [TestSource.Endpoint("http://10.1.0.1")]));

        var reloads = Task.Run(
            () =>
            {
                for (var i = 0; i < 300; i++)
                {
                    store.Configure(new MeshOptions(), static _ => { }, static (failure, _) => throw failure);
                }
            },
            Token);
        var words = Task.Run(
            () =>
            {
                for (var i = 0; i < 3_000; i++)
                {
                    sink.Publish(new ServiceUpdate("orders") { Settings = new ServiceOptions { Timeout = TimeSpan.FromSeconds(1 + (i % 9)) } });
                }
            },
            Token);

        await Task.WhenAll(reloads, words).WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Token);
    }

    [Fact]
    public async Task List_that_cannot_be_read_changes_nothing()
    {
        var sink = await _control.Sink;
        sink.Publish("orders", [TestSource.Endpoint("http://10.1.0.1")]);

        Assert.Throws<InvalidOperationException>(() => sink.Publish(new ServiceUpdate("orders")
        {
            Settings = new ServiceOptions { Timeout = TimeSpan.FromSeconds(1) },
            Endpoints = new Unreadable(),
        }));
        Assert.Throws<ArgumentNullException>(() => sink.Publish("orders", null!));

        Assert.Equal(TimeSpan.FromSeconds(10), _mesh.Service("orders").Model.Routes[0].Policy.Timeout);
        Assert.Single(_mesh.Service("orders").Endpoints.Current.All);
    }

    [Fact]
    public async Task Message_names_who_says_that_there_is_none()
    {
        var (control, registry) = (await _control.Sink, await _registry.Sink);
        registry.Publish("orders", [TestSource.Endpoint("http://10.1.0.1")]);
        control.Publish("orders", []);
        control.Ready();
        registry.Ready();

        var none = await Assert.ThrowsAsync<NoEndpointException>(() => _mesh.Client.GetAsync("http://orders/", Token));

        Assert.Equal(
            "Service 'orders' has no endpoint: 'control' says that it has none, and counts more than a source that names some. Take that back "
            + "there.",
            none.Message);
    }

    [Fact]
    public async Task Withdrawal_of_what_was_refused_is_no_recovery()
    {
        var sink = await _control.Sink;
        sink.Publish(new ServiceUpdate("orders") { Settings = new ServiceOptions { Timeout = TimeSpan.FromDays(2) } });

        sink.Withdraw("orders");

        Assert.Single(_mesh.Logs.GetSnapshot(), static record => record.Id.Id == 120);
        Assert.DoesNotContain(_mesh.Logs.GetSnapshot(), static record => record.Id.Id == 121);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(65_536)]
    [InlineData(70_000)]
    public void Port_that_is_none_is_refused(int port) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => TestSource.Endpoint("http://10.1.0.1") with { SecurePort = port });

    private sealed class Unreadable : IReadOnlyList<EndpointDescription>
    {
        public int Count => 1;

        public EndpointDescription this[int index] => throw new InvalidOperationException("closed");

        public IEnumerator<EndpointDescription> GetEnumerator() => throw new InvalidOperationException("closed");

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
