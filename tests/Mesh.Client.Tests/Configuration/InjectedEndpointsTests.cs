using Mesh.Client.Tests.DependencyInjection;

namespace Mesh.Client.Tests.Configuration;

/// <summary>Addresses that Aspire's host injects.</summary>
public sealed class InjectedEndpointsTests
{
    [Fact]
    public void Addresses_are_the_endpoints_of_the_service()
    {
        var options = TestApplication.Read(
            """{ "services:catalog:http:0": "http://10.0.0.1:5001", "services:catalog:http:1": "10.0.0.2:5001" }""");

        Assert.Equal(
            ["http://10.0.0.1:5001/", "http://10.0.0.2:5001/"], options.Services["catalog"].Endpoints.Select(endpoint => endpoint.Address));
    }

    [Fact]
    public void Both_schemes_of_one_instance_are_one_endpoint()
    {
        var options = TestApplication.Read(
            """{ "services:catalog:http:0": "http://localhost:5001", "services:catalog:https:0": "https://localhost:7001" }""");

        var endpoint = Assert.Single(options.Services["catalog"].Endpoints);
        Assert.Equal(("http://localhost:5001/", 7001), (endpoint.Address, endpoint.SecurePort));
    }

    [Fact]
    public void Schemes_on_different_hosts_are_endpoints_of_their_own()
    {
        var options = TestApplication.Read(
            """{ "services:catalog:http:0": "http://a:5001", "services:catalog:https:0": "https://b:7001" }""");

        Assert.Equal(["http://a:5001/", "https://b:7001/"], options.Services["catalog"].Endpoints.Select(endpoint => endpoint.Address));
    }

    [Fact]
    public void Own_endpoints_count_more_and_other_settings_stay()
    {
        var options = TestApplication.Read("""
            { "services:Catalog:http:0": "http://a:1", "services:orders:http:0": "http://a:2",
              "Mesh": { "Services": { "catalog": { "Endpoints": [ "http://mine" ] }, "orders": { "Timeout": "00:00:03" } } } }
            """);

        Assert.Equal("http://mine", Assert.Single(options.Services["catalog"].Endpoints).Address);
        Assert.Equal("http://a:2/", Assert.Single(options.Services["orders"].Endpoints).Address);
        Assert.Equal(TimeSpan.FromSeconds(3), options.Services["orders"].Timeout);
        Assert.Equal(2, options.Services.Count);
    }

    [Fact]
    public void Default_endpoint_is_that_of_the_service_and_goes_before()
    {
        var options = TestApplication.Read(
            """
            { "services:catalog:Default:0": "https://a:9001", "services:catalog:http:0": "http://a:7001",
              "services:shop:default": "http://b:1" }
            """);

        Assert.Equal("https://a:9001/", Assert.Single(options.Services["catalog"].Endpoints).Address);
        Assert.Equal("http://b:1/", Assert.Single(options.Services["shop"].Endpoints).Address);
        Assert.Equal(2, options.Services.Count);
    }

    /// <summary>It may have either scheme, so it must say which.</summary>
    [Fact]
    public void Default_endpoint_without_a_scheme_is_no_address_and_does_not_go_before() => Assert.Equal(
        "http://a:7001/",
        Assert.Single(TestApplication.Read("""
            { "services:catalog:default:0": "10.0.0.1:9001", "services:catalog:default:1": "b", "services:catalog:http:0": "http://a:7001" }
            """).Services["catalog"].Endpoints).Address);

    [Fact]
    public void Named_endpoint_is_a_service_of_its_own()
    {
        var options = TestApplication.Read(
            """{ "services:catalog:admin:0": "https://a:9001", "services:catalog:https:0": "https://a:7001" }""");

        Assert.Equal("https://a:7001/", Assert.Single(options.Services["catalog"].Endpoints).Address);
        Assert.Equal("https://a:9001/", Assert.Single(options.Services["catalog-admin"].Endpoints).Address);
    }

    [Theory]
    [InlineData("""{ "Services": { "Mail": { "Host": "smtp", "Port": 25 }, "a b": { "http": [ "http://x" ] } } }""")]
    [InlineData("""{ "services:catalog:http:0": "http://user:secret@a/" }""")]
    [InlineData("""{ "services:catalog:tcp:0": "tcp://a:1", "services:db": "Server=x" }""")]
    public void What_is_no_address_is_passed_over(string json) => Assert.Empty(TestApplication.Read(json).Services);

    [Fact]
    public void Plain_addresses_are_left_out_where_TLS_is_required() => Assert.Equal(
        "https://a:7001/",
        Assert.Single(TestApplication.Read("""
            { "services:catalog:http:0": "http://b:5001", "services:catalog:https:0": "https://a:7001", "Mesh:Services:catalog:RequireTls": true }
            """).Services["catalog"].Endpoints).Address);
}
