using System.Net;
using Mesh.Client.Eureka;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Options;

namespace Mesh.Client.Tests.Eureka;

/// <summary>Fetching a part of the registry, and the order of servers by zone, as they go over the wire.</summary>
public sealed class EurekaSelectionTests : IDisposable
{
    private readonly ScriptedRegistry _wire = new();
    private EurekaClient? _client;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _client?.Dispose();

    [Fact]
    public async Task GetAll_certain_VIP_addresses_asks_for_those_only_and_never_for_changes()
    {
        _wire.Answer = request => ScriptedRegistry.Json(request.Uri.AbsolutePath.Contains("/svips/", StringComparison.Ordinal)
            ? TestInstance.Json(TestInstance.Of("a"), TestInstance.Of("tls"))
            : TestInstance.Json(TestInstance.Of("a")));
        var client = Create(options => options.Discovery.Eureka.Vips = ["orders, payments", "billing"]);

        var all = await client.GetAllAsync(Token);

        Assert.Null(await client.GetDeltaAsync(Token));
        Assert.Equal(
            ["GET /eureka/vips/orders,payments,billing", "GET /eureka/svips/orders,payments,billing"],
            _wire.Rest().Select(request => request.Line));
        Assert.Equal(["a", "tls"], all.Instances.Select(instance => instance.Key.Id));
    }

    [Fact]
    public async Task GetAll_certain_applications_asks_for_each_and_takes_an_unknown_one_for_empty()
    {
        _wire.Answer = request => request.Uri.AbsolutePath.EndsWith("NOPE", StringComparison.Ordinal)
            ? ScriptedRegistry.Status(HttpStatusCode.NotFound)
            : ScriptedRegistry.Json("""{"application":{"name":"ORDERS","instance":{"instanceId":"a","hostName":"h","status":"UP"}}}""");
        var client = Create(options => options.Discovery.Eureka.Apps = ["ORDERS", "NOPE"]);

        var all = await client.GetAllAsync(Token);

        Assert.Equal(["GET /eureka/apps/ORDERS", "GET /eureka/apps/NOPE"], _wire.Rest().Select(request => request.Line));
        Assert.Equal(new InstanceKey("ORDERS", "a"), Assert.Single(all.Instances).Key);
    }

    [Fact]
    public async Task GetAll_part_of_the_selection_fails_is_no_answer_at_all()
    {
        _wire.Answer = request => request.Uri.AbsolutePath.Contains("/svips/", StringComparison.Ordinal)
            ? ScriptedRegistry.Status(HttpStatusCode.InternalServerError)
            : ScriptedRegistry.Json(TestInstance.Json(TestInstance.Of("a")));
        var client = Create(options => options.Discovery.Eureka.Vips = ["orders"]);

        await Assert.ThrowsAsync<EurekaException>(() => client.GetAllAsync(Token));
    }

    [Fact]
    public async Task GetDelta_switched_off_asks_nobody()
    {
        Assert.Null(await Create(options => options.Discovery.Eureka.Delta = false).GetDeltaAsync(Token));
        Assert.Empty(_wire.Rest());
    }

    [Fact]
    public async Task GetAll_servers_of_the_own_zone_are_asked_first_and_again_after_the_quarantine()
    {
        var time = new StepTimeProvider();
        _wire.Answer = request => request.Uri.Host == "near"
            ? throw new HttpRequestException("refused")
            : ScriptedRegistry.Json(Captures.Text("apps-three"));
        var client = _client = new EurekaClient(TestConfiguration.Of(
            options =>
            {
                options.Service.Zone = "eu-1a";
                options.Discovery.Eureka.ZoneServiceUrls["eu-1b"] = ["http://far/eureka/"];
                options.Discovery.Eureka.ZoneServiceUrls["eu-1a"] = ["http://near/eureka/"];
                options.Discovery.Eureka.ServerQuarantine = TimeSpan.FromMinutes(1);
            },
            "http://any/eureka/"), time, _wire);

        await client.GetAllAsync(Token);
        await client.GetAllAsync(Token);
        time.Advance(TimeSpan.FromMinutes(1));
        await client.GetAllAsync(Token);

        Assert.Equal(["near", "any", "any", "near", "any"], _wire.Rest().Select(request => request.Uri.Host));
    }

    private EurekaClient Create(Action<MeshOptions> configure) =>
        _client = new EurekaClient(TestConfiguration.Of(configure), TimeProvider.System, _wire);
}
