using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Tests.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Configuration;

/// <summary>Endpoints that are written down: an address alone, or a section.</summary>
public sealed class EndpointOptionsTests
{
    [Fact]
    public void Endpoints_of_both_forms_are_read_in_their_order()
    {
        var endpoints = Described("""
            [ "http://a-1", { "Address": "http://a-2/base", "Zone": "eu-1b", "Labels": { "priority": "1", "weight": "2.5", "rack": "r7" } }, { "Address": "http://a-3" } ]
            """);

        Assert.Equal(["http://a-1/", "http://a-2/base", "http://a-3/"], endpoints.Select(endpoint => endpoint.Address.AbsoluteUri));
        Assert.Equal([null, "eu-1b", null], endpoints.Select(endpoint => endpoint.Zone));
        Assert.Equal([0, 3, 0], endpoints.Select(endpoint => endpoint.Labels.Count));
        Assert.Equal("r7", endpoints[1].Labels["rack"]);
        Assert.All(endpoints, endpoint => Assert.Equal(endpoint.Address.Authority, endpoint.Host));
    }

    [Fact]
    public void Endpoint_of_one_source_gets_its_zone_from_another()
    {
        // As a variable of the environment beside a file.
        var options = TestApplication.Read(
            """{ "Mesh:Services:a:Endpoints:0": "http://a-1", "Mesh:Services:a:Endpoints:0:Zone": "eu-1b" }""");

        var endpoint = Assert.Single(options.Services["a"].Endpoints);
        Assert.Equal(("http://a-1", "eu-1b"), (endpoint.Address, endpoint.Zone));
    }

    [Fact]
    public void Endpoint_of_lower_priority_is_the_reserve()
    {
        using var mesh = Fleet.Of(
            2, s => s.Endpoints.Add(new EndpointOptions { Address = "http://" + Fleet.At(3), Labels = { ["priority"] = "1" } }));
        Assert.Equal([Fleet.At(1), Fleet.At(2)], mesh.Catalog().Endpoints.Current.Usable.Select(endpoint => endpoint.Name));

        mesh.Eject(1);

        Assert.Contains(mesh.Endpoint(3), mesh.Catalog().Endpoints.Current.Usable);
    }

    [Theory]
    [InlineData("""{ "Adress": "http://a-1" }""", "Mesh:Services:a:Endpoints:0:Adress is not a setting. Did you mean "
        + "'Address'?", "Mesh:Services:a:Endpoints:0: '' is not an absolute http or https address, such as http://orders-1:8080.")]
    [InlineData("""{ "Address": "a-1:80" }""", "Mesh:Services:a:Endpoints:0: 'a-1:80' is not an absolute http or https address, such as "
        + "http://orders-1:8080.")]
    [InlineData("""{ "Address": "http://a-1", "Labels": "reserve" }""",
        "Mesh:Services:a:Endpoints:0:Labels is a single value, but a section of names, each with a text, is expected.")]
    [InlineData("""{ "Address": "http://a-1", "Labels": { "priority": "-1" } }""",
        "Mesh:Services:a:Endpoints:0:Labels:priority: '-1' is not a whole number from 0 to 127.")]
    [InlineData("""{ "Address": "http://a-1", "Labels": { "priority": "128" } }""",
        "Mesh:Services:a:Endpoints:0:Labels:priority: '128' is not a whole number from 0 to 127.")]
    [InlineData("""{ "Address": "http://a-1", "Labels": { "weight": "much" } }""",
        "Mesh:Services:a:Endpoints:0:Labels:weight: 'much' is not a number from 0 to 1000000.")]
    [InlineData("""{ "Zone": "eu-1b" }""", "Mesh:Services:a:Endpoints:0: '' is not an absolute http or https address, such as "
        + "http://orders-1:8080.")]
    public void Mistakes_are_named_with_their_key(string endpoint, params string[] expected) =>
        Assert.Equal(expected, TestApplication.MistakesOf($$"""{ "Mesh": { "Services": { "a": { "Endpoints": [ {{endpoint}} ] } } } }"""));

    [Fact]
    public void Endpoint_that_is_null_in_code_is_a_mistake() => Assert.Equal(
        ["Mesh:Services:a:Endpoints:0: '' is not an absolute http or https address, such as http://orders-1:8080."],
        TestApplication.MistakesOf("{}", mesh => mesh.AddService("a", service => service.Endpoints.Add(null!))));

    private static EndpointDescription[] Described(string endpoints)
    {
        var options = TestApplication.Read($$"""{ "Mesh": { "Services": { "a": { "Endpoints": {{endpoints}} } } } }""");
        return [.. new MeshModel(options, generation: 1).Of("a").Endpoints];
    }
}
