using Mesh.Client.Configuration;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Tests.DependencyInjection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Configuration;

/// <summary>An environment takes away what a file lists.</summary>
public sealed class ListEntryTests
{
    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData(null)]
    public void Empty_entry_is_as_if_it_were_not_there(string? empty)
    {
        var options = Read(
            ("Services:catalog:Endpoints:0", "http://a"),
            ("Services:catalog:Endpoints:1", empty),
            ("Services:catalog:Endpoints:2", "http://c"),
            ("Discovery:Eureka:ServiceUrls:0", empty),
            ("Discovery:Eureka:Vips:0", empty),
            ("Discovery:Eureka:ZoneServiceUrls:eu:0", empty),
            ("Inbound:TrustedNetworks:0", empty),
            ("Context:Baggage:0", empty),
            ("Security:Endpoints:AllowedNetworks:0", empty));

        Assert.Equal(["http://a", "http://c"], options.Services["catalog"].Endpoints.Select(static endpoint => endpoint.Address));
        Assert.Empty(options.Discovery.Eureka.ServiceUrls);
        Assert.Empty(options.Discovery.Eureka.Vips);
        Assert.Empty(options.Inbound.TrustedNetworks);
        Assert.Empty(options.Context.Baggage);
        Assert.Empty(options.Security.Endpoints.AllowedNetworks);
    }

    [Theory]
    [InlineData("Services:catalog:Endpoints:0")]
    [InlineData("Services:catalog:Endpoints:0:Address")]
    public void Empty_value_takes_away_an_entry_that_is_a_section(string key)
    {
        var options = Read(
            [("Services:catalog:Endpoints:0:Address", "http://a"), ("Services:catalog:Endpoints:0:Zone", "eu"),
                ("Services:catalog:Endpoints:1", "http://b")],
            (key, string.Empty));

        Assert.Equal(["http://b"], options.Services["catalog"].Endpoints.Select(static endpoint => endpoint.Address));
    }

    [Fact]
    public void Entry_that_forgets_its_address_is_still_a_mistake() =>
        Assert.Throws<MeshConfigurationException>(() => Read(("Services:catalog:Endpoints:0:Zone", "eu")));

    [Theory]
    [InlineData("Services:catalog:Endpoints", "a")]
    [InlineData("Discovery:Eureka:ServiceUrls", "a")]
    [InlineData("Discovery:Eureka:ZoneServiceUrls:eu", "a")]
    [InlineData("Inbound:TrustedNetworks", "a")]
    [InlineData("Services:catalog:OutlierDetection:Statuses", "a")]
    public void Mistake_behind_an_empty_entry_is_named_by_its_own_place(string list, string value)
    {
        var mistakes = Assert.Throws<MeshConfigurationException>(() => Read(($"{list}:0", ""), ($"{list}:2", value))).Failures;

        Assert.StartsWith($"Mesh:{list}:2: ", Assert.Single(mistakes), StringComparison.Ordinal);
    }

    [Fact]
    public void Null_in_json_is_empty() =>
        Assert.Equal(
            ["http://b"],
            TestApplication.Read("""{ "Mesh": { "Services": { "catalog": { "Endpoints": [ null, "http://b", "" ] } } } }""").Services["catalog"].Endpoints.Select(static endpoint => endpoint.Address));

    private static MeshOptions Read(params (string Key, string? Value)[] settings) => Read(settings, []);

    private static MeshOptions Read((string Key, string? Value)[] file, params (string Key, string? Value)[] environment)
    {
        using var provider = new ServiceCollection()
            .AddSingleton<IConfiguration>(
                new ConfigurationBuilder().AddInMemoryCollection(Pairs(file)).AddInMemoryCollection(Pairs(environment)).Build())
            .AddLogging()
            .AddMesh().Services
            .BuildServiceProvider();
        return provider.GetRequiredService<ModelInForce>().Current.Options;
    }

    private static IEnumerable<KeyValuePair<string, string?>> Pairs((string Key, string? Value)[] settings) =>
        settings.Select(static setting => KeyValuePair.Create("Mesh:" + setting.Key, setting.Value));
}
