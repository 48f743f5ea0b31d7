using System.Net;
using Mesh.Client.Discovery;
using Mesh.Client.Options;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Outbound.Services;

/// <summary>What makes a source be asked before its time.</summary>
public sealed class RefreshTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connection_that_fails_asks_for_an_endpoint_of_a_source()
    {
        using var mesh = Sourced();
        var signal = mesh.Provider.GetRequiredService<SourceSignals>().Add();
        mesh.Network.Refuse(Fleet.At(1));
        Assert.False(signal.Asked.IsCompleted);

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token)));

        Assert.True(signal.Asked.IsCompleted);
    }

    /// <summary>What is found during a read is newer than what is read.</summary>
    [Fact]
    public async Task Answer_is_as_old_as_the_begin_of_its_read()
    {
        var source = new TestSource();
        using var mesh = new MeshFixture(services: services => services.AddSingleton<IMeshSource>(source));
        mesh.Directory.Start();
        var sink = await source.Sink;
        sink.BeginRead();
        mesh.Time.Advance(TimeSpan.FromMilliseconds(1));
        mesh.Directory.Refresh.Need(mesh.Time);
        mesh.Time.Advance(TimeSpan.FromMilliseconds(1));
        sink.EndRead(TimeSpan.FromSeconds(30));

        Assert.NotNull(mesh.Directory.Refresh.AskForAnswer(mesh.Time));
    }

    [Fact]
    public async Task Endpoint_that_leaves_asks()
    {
        using var mesh = Sourced();
        var signal = mesh.Provider.GetRequiredService<SourceSignals>().Add();
        mesh.Network.On(Fleet.At(1), Answers.Draining());

        (await mesh.Client.GetAsync(Fleet.Url, Token)).Dispose();

        Assert.True(signal.Asked.IsCompleted);
    }

    [Fact]
    public async Task Answers_of_all_kinds_do_not_ask()
    {
        using var mesh = Sourced();
        var signal = mesh.Provider.GetRequiredService<SourceSignals>().Add();
        mesh.Network.On(Fleet.At(1), Answers.Status(HttpStatusCode.OK));
        (await mesh.Client.GetAsync(Fleet.Url, Token)).Dispose();
        mesh.Network.On(Fleet.At(1), Answers.Status(HttpStatusCode.InternalServerError));
        (await mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token))).Dispose();

        Assert.False(signal.Asked.IsCompleted);
    }

    [Fact]
    public async Task Endpoint_of_the_configuration_does_not_ask()
    {
        using var mesh = Fleet.Of(2);
        var signal = mesh.Provider.GetRequiredService<SourceSignals>().Add();
        mesh.Network.Refuse(Fleet.At(1));
        mesh.Network.Refuse(Fleet.At(2));

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token)));

        Assert.False(signal.Asked.IsCompleted);
    }

    [Fact]
    public void Begin_answers_who_has_asked_and_nobody_later()
    {
        var signal = new RefreshSignal();
        signal.Ask();
        signal.Ask();
        Assert.True(signal.Asked.IsCompleted);

        signal.Begin();
        Assert.False(signal.Asked.IsCompleted);
        var waiting = signal.Asked;
        signal.Begin();
        signal.Ask();

        Assert.True(waiting.IsCompleted);
    }

    private static MeshFixture Sourced()
    {
        var mesh = new MeshFixture(options => options.Services[Fleet.Name] = new ServiceOptions());
        mesh.Catalog().Publish("test", [TestSource.Endpoint("http://" + Fleet.At(1))]);
        return mesh;
    }
}
