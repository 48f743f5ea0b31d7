using CsCheck;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Model;

namespace Mesh.Client.Tests.Eureka.Wire;

/// <summary>An endpoint of a registry has no URI until somebody asks. It must be what the URI would be.</summary>
public sealed class CompactDescriptionTests
{
    private static readonly Gen<string> Hosts = Gen.OneOf(
        Gen.Char["abz019.-AZ_"].Array[1, 12].Select(chars => new string(chars)),
        Gen.Char["0123456789.x"].Array[1, 12].Select(chars => new string(chars)),
        Gen.Int[0, 300].Array[4].Select(parts => string.Join('.', parts)));

    [Fact]
    public void Address_is_that_of_the_URI_for_every_host() => Hosts.Check(
        static host =>
        {
            var description = EurekaEndpoint.Describe(
                TestInstance.Of("a", host: host, port: 8080, securePort: 8443, secureEnabled: true), false, out _);
            if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
            {
                Assert.Null(description);
                return;
            }

            var uri = new UriBuilder("http", host, 8080).Uri;
            var given = new EndpointDescription { Address = uri };
            Assert.Equal(uri, description!.Address);
            Assert.Equal(uri.Host, description.AddressHost);
            Assert.Equal(uri.IdnHost, description.GivenAddress?.IdnHost ?? description.AddressHost);
            Assert.Equal(uri.IsLoopback, description.IsLoopback);
            Assert.Equal(given.AddressHash, description.AddressHash);
            Assert.True(description.HasAddressOf(given) && given.HasAddressOf(description));
            Assert.Equal(new UriBuilder("https", host, 8443).Uri, description.OverTls().Address);
        },
        count: 5_000);

    [Fact]
    public void Hostile_host_is_judged_as_its_URI_would_be() => Hosts.Check(
        static host =>
        {
            if (EurekaEndpoint.Describe(TestInstance.Of("a", host: host, port: 8080), false, out _) is not { } description)
            {
                return;
            }

            foreach (var policy in new[]
            {
                new EndpointPolicy(new()),
                new EndpointPolicy(new() { AllowedNetworks = { "10.0.0.0/8" } }),
                new EndpointPolicy(new() { AllowedHostSuffixes = { "z" } }),
            })
            {
                var expected = policy.CheckTarget(description.Address, loopback: false);
                var actual = description.GivenAddress is { } address
                    ? policy.CheckTarget(address, loopback: false)
                    : policy.CheckHost(description.AddressHost, loopback: false);
                Assert.Equal(expected, actual);
            }
        },
        count: 5_000);

    [Theory]
    [InlineData("orders-1.example.com", true)]
    [InlineData("10.0.0.1", true)]
    [InlineData("127.example.com", true)]
    [InlineData("ORDERS", false)]
    [InlineData("127.1", false)]
    [InlineData("0x7f.0.0.1", false)]
    [InlineData("0177.0.0.1", false)]
    [InlineData("2130706433", false)]
    [InlineData("::1", false)]
    [InlineData("orders_api", false)]
    [InlineData("xn--bcher-kva.example", false)]
    [InlineData("bücher.example", false)]
    public void Describe_has_no_URI_only_where_the_host_cannot_be_read_in_another_way(string host, bool compact)
    {
        var description = EurekaEndpoint.Describe(TestInstance.Of("a", host: host, port: 8080), false, out _);

        Assert.Equal(compact, description!.GivenAddress is null);
    }

    [Fact]
    public void Describe_says_of_an_instance_what_it_registered()
    {
        var plain = EurekaEndpoint.Describe(
            TestInstance.Of("orders-1:8080", host: "orders-1", ip: "10.0.0.9", port: 8080, registered: 7), preferIPAddress: true, out _)!;

        Assert.Equal("10.0.0.9", plain.AddressHost);
        Assert.Equal("orders-1", plain.TlsName);
        Assert.Equal("orders-1:8080", plain.InstanceId);
        Assert.Equal(7, plain.Registered);
        Assert.Equal(plain, plain with { });
        Assert.NotEqual(plain, plain with { InstanceId = "other" });
        Assert.NotEqual(plain, plain with { TlsName = "other" });
        Assert.Null((plain with { TlsName = null }).TlsName);
    }
}
