using System.Net;
using Mesh.Client.Options;
using Mesh.Client.Tests.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Outbound.HttpClients;

/// <summary>Handlers above the mesh that do its work a second time.</summary>
public sealed class StackedHandlerTests : IDisposable
{
    private readonly TestApplication _application = new(
        """{ "Mesh": { "Services": { "orders": { "Endpoints": [ "http://10.0.0.1:81" ] } } } }""");
    private readonly List<string> _seen = [];

    private IServiceCollection Services => _application.Services;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _application.Dispose();

    [Fact]
    public void Policy_handler_is_warned_about_once_per_client()
    {
        Services.AddMesh();
        Services.AddHttpClient("orders").AddHttpMessageHandler(static () => new Microsoft.Extensions.Http.PolicyHttpMessageHandler([]));
        Services.AddHttpClient("derived").AddHttpMessageHandler(static () => new DerivedPolicyHandler());
        Services.AddHttpClient("plain");

        Create("orders", "derived", "plain");

        Assert.Equal(
            ["HttpClient 'orders'", "HttpClient 'derived'"],
            Records(112).Select(static message => message[..message.IndexOf(" has ", StringComparison.Ordinal)]));
        Assert.All(Records(112), static message => Assert.Contains("from this client", message, StringComparison.Ordinal));
    }

    [Fact]
    public void Steeltoe_discovery_is_warned_about_above_the_mesh_and_as_primary_handler()
    {
        Services.AddMesh();
        Services.AddHttpClient("above").AddHttpMessageHandler(
            static () => new Steeltoe.Discovery.HttpClients.DiscoveryHttpDelegatingHandler());
        Services.AddHttpClient("below").ConfigurePrimaryHttpMessageHandler(
            static () => new Steeltoe.Discovery.HttpClients.DiscoveryHttpClientHandler());

        Create("above", "below");

        Assert.Equal(2, Records(113).Count);
    }

    [Fact]
    public void Handlers_that_all_clients_have_are_warned_about_once_with_the_place_they_come_from()
    {
        Services.AddMesh();
        Services.AddServiceDiscovery();
        Services.ConfigureHttpClientDefaults(static client =>
        {
            client.AddStandardResilienceHandler();
            client.AddServiceDiscovery();
        });
        Services.AddHttpClient("orders");
        Services.AddHttpClient("payments");

        Create("orders", "payments", "never configured");

        var resilience = Assert.Single(Records(110));
        Assert.StartsWith("Every HttpClient has ", resilience, StringComparison.Ordinal);
        Assert.Contains("from ConfigureHttpClientDefaults", resilience, StringComparison.Ordinal);
        Assert.Contains("Mesh:StackedHandlers", resilience, StringComparison.Ordinal);
        Assert.Contains("from ConfigureHttpClientDefaults", Assert.Single(Records(111)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StackedHandlers.Warn, "http://orders/a", true)]
    [InlineData(StackedHandlers.Bypass, "http://orders/a", false)]
    [InlineData(StackedHandlers.Bypass, "http://ORDERS:99/a", false)]
    [InlineData(StackedHandlers.Bypass, "https+http://orders/a", false)]
    [InlineData(StackedHandlers.Bypass, "http+https://orders/a", false)]
    [InlineData(StackedHandlers.Bypass, "https+ftp://orders/a", true)]
    [InlineData(StackedHandlers.Bypass, "https://api.example.com/a", true)]
    [InlineData(StackedHandlers.Bypass, "http://127.0.0.1:9/a", true)]
    public async Task Bypass_sends_calls_to_services_past_the_handler_and_others_through_it(
        StackedHandlers setting, string url, bool through)
    {
        Services.AddMesh(options => options.StackedHandlers = setting);
        AddRecorded("orders");
        using var client = _application.Build().GetRequiredService<IHttpClientFactory>().CreateClient("orders");

        using var response = await client.GetAsync(new Uri(url), Token);

        Assert.Equal(through ? ["policy", "primary"] : ["primary"], _seen);
    }

    [Theory]
    [InlineData("http://orders/a", false)]
    [InlineData("https://api.example.com/a", true)]
    public void Bypass_works_for_synchronous_calls(string url, bool through)
    {
        Services.AddMesh(static options => options.StackedHandlers = StackedHandlers.Bypass);
        AddRecorded("orders");
        using var client = _application.Build().GetRequiredService<IHttpClientFactory>().CreateClient("orders");
        using var request = new HttpRequestMessage(HttpMethod.Get, url);

        using var response = client.Send(request, Token);

        Assert.Equal(through ? ["policy", "primary"] : ["primary"], _seen);
    }

    [Fact]
    public void Bypass_is_said_once_and_nothing_is_warned_about()
    {
        Services.AddMesh(static options => options.StackedHandlers = StackedHandlers.Bypass);
        Services.ConfigureHttpClientDefaults(static client => client.AddStandardResilienceHandler());

        Create("orders", "payments");

        var record = Assert.Single(
            _application.Log.GetSnapshot(), static record => record.Category!.StartsWith("Mesh.", StringComparison.Ordinal));
        Assert.Equal((114, LogLevel.Information), (record.Id.Id, record.Level));
        Assert.Equal("Calls of every HttpClient to services go past its ResilienceHandler (Mesh:StackedHandlers is "
            + "Bypass).", record.Message);
    }

    private void AddRecorded(string name) => Services.AddHttpClient(name)
        .AddHttpMessageHandler(() => new Microsoft.Extensions.Http.PolicyHttpMessageHandler(_seen))
        .ConfigurePrimaryHttpMessageHandler(() => new Primary(_seen));

    private void Create(params string[] clients)
    {
        var factory = _application.Build().GetRequiredService<IHttpMessageHandlerFactory>();
        foreach (var client in clients)
        {
            factory.CreateHandler(client);
        }
    }

    private List<string> Records(int id) =>
        [.. _application.Log.GetSnapshot().Where(record => record.Id.Id == id && record.Level == LogLevel.Warning)
            .Select(static record => record.Message)];

    private sealed class DerivedPolicyHandler() : Microsoft.Extensions.Http.PolicyHttpMessageHandler([]);

    private sealed class Primary(List<string> seen) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(Send(request, cancellationToken));

        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            seen.Add("primary");
            return new HttpResponseMessage(HttpStatusCode.OK);
        }
    }
}
