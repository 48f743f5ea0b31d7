using Mesh.Client.Options;
using Mesh.Client.Outbound.Services;

namespace Mesh.Client.Tests.Outbound.Services;

/// <summary>What an address says before the look-up.</summary>
public sealed class HostNameTests
{
    [Theory]
    [InlineData("http", true)]
    [InlineData("https", true)]
    [InlineData("ws", true)]
    [InlineData("wss", true)]
    [InlineData("mesh", true)]
    [InlineData("HTTP", true)]
    [InlineData("ftp", false)]
    [InlineData("file", false)]
    [InlineData("net.tcp", false)]
    [InlineData("redis", false)]
    [InlineData("unix", false)]
    public void Find_scheme_of_another_protocol_is_not_the_meshs_business(string scheme, bool ours)
    {
        using var mesh = Fleet.Of(1);

        Assert.Equal(ours ? HostLookup.Service : HostLookup.External, mesh.Directory.Find(new Uri($"{scheme}://{Fleet.Name}/x"), out _));
    }

    [Theory]
    [InlineData("xn--bcher-kva", "http://bücher/")]
    [InlineData("xn--bcher-kva", "mesh://bücher/")]
    [InlineData("xn--bcher-kva.example", "https://bücher.example/")]
    [InlineData("xn--bcher-kva", "http://BÜCHER/")]
    [InlineData("xn--bcher-kva", "http://xn--bcher-kva/")]
    public void Find_name_beyond_ascii_in_either_form(string name, string address)
    {
        using var mesh = new MeshFixture(options => options.Services[name] = new ServiceOptions { Endpoints = { "http://10.0.0.1" } });

        Assert.Equal(HostLookup.Service, mesh.Directory.Find(new Uri(address), out var service));
        Assert.Equal(name, service!.Name);
    }
}
