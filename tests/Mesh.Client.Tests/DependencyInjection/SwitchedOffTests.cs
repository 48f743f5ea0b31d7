using System.Net;
using Mesh.Client.Configuration;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Outbound.HttpClients;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.DependencyInjection;

/// <summary><c>Mesh:Enabled</c> is false.</summary>
public sealed class SwitchedOffTests : IDisposable
{
    private const string On = """{ "Mesh": { "Services": { "orders": { "Endpoints": [ "http://10.0.0.1:81" ] } } } }""";
    private const string Off = """{ "Mesh": { "Enabled": false, "Services": { "orders": { "Endpoints": [ "http://10.0.0.1:81" ] } } } }""";

    private readonly List<Uri?> _seen = [];
    private TestApplication? _application;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Off, false)]
    [InlineData(On, true)]
    public void Client_is_as_without_the_mesh(string json, bool byCode)
    {
        var provider = Build(json, byCode);
        var handler = provider.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler("plain");

        List<HttpMessageHandler> chain = [handler];
        while (chain[^1] is DelegatingHandler { InnerHandler: { } inner })
        {
            chain.Add(inner);
        }

        Assert.DoesNotContain(chain, static handler => handler is MeshHandler);
        var sockets = Assert.IsType<SocketsHttpHandler>(chain[^1]);
        Assert.DoesNotContain("__GrpcLoadBalancingDisabled", sockets.Properties.Keys);
        using var fresh = new SocketsHttpHandler();
        Assert.Equal(fresh.ActivityHeadersPropagator?.GetType(), sockets.ActivityHeadersPropagator?.GetType());
    }

    [Fact]
    public async Task Reload_that_switches_off_counts_for_the_next_call_and_back_again()
    {
        using var client = Build(On).GetRequiredService<IHttpClientFactory>().CreateClient("orders");

        using var before = await client.GetAsync(new Uri("http://orders/a"), Token);
        _application!.Edit(Off);
        using var between = await client.GetAsync(new Uri("http://orders/a"), Token);
        _application.Edit(On);
        using var after = await client.GetAsync(new Uri("http://orders/a"), Token);

        Assert.Equal(["http://10.0.0.1:81/a", "http://orders/a", "http://10.0.0.1:81/a"], _seen.Select(static uri => uri?.ToString()));
    }

    [Fact]
    public void Services_probes_and_linked_traces_are_gone_while_it_is_off()
    {
        var view = TestApplication.Read(
            """{ "Mesh": { "Enabled": false, "Inbound": { "TrustedNetworks": [ "10.0.0.0/8" ] }, "Defaults": { "OutlierDetection": { "Probe": { "Path": "/health" } } }, "Services": { "orders": {} } } }""");

        var state = new MeshModel(view, generation: 1);

        Assert.False(state.IsEnabled);
        Assert.Empty(state.Services);
        Assert.Null(state.Of("orders").OutlierDetection.Probe);
        Assert.False(state.LinksTraces);
    }

    [Fact]
    public void Mistakes_are_reported_all_the_same() =>
        Assert.Throws<MeshConfigurationException>(
            () => TestApplication.Read("""{ "Mesh": { "Enabled": false, "Services": { "orders": { "Timeout": "-1" } } } }"""));

    public void Dispose() => _application?.Dispose();

    private ServiceProvider Build(string json, bool byCode = false)
    {
        _application = new TestApplication(json);
        _application.Services.AddMesh();
        if (byCode)
        {
            _application.Services.Configure<MeshOptions>(static options => options.Enabled = false);
        }

        _application.Services.AddHttpClient("orders").ConfigurePrimaryHttpMessageHandler(() => new Recorder(_seen));
        return _application.Build();
    }

    private sealed class Recorder(List<Uri?> seen) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            seen.Add(request.RequestUri);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        }
    }
}
