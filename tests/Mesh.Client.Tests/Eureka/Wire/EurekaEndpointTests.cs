using Mesh.Client.Eureka.Wire;

namespace Mesh.Client.Tests.Eureka.Wire;

public class EurekaEndpointTests
{
    [Theory]
    [InlineData(false, "http://127.0.0.1:8080/", 8443)]
    [InlineData(true, "https://127.0.0.1:8443/", 0)]
    public void Describe_instance_with_two_ports_is_one_endpoint(bool preferSecurePort, string address, int securePort)
    {
        var instance = TestInstance.Of("a", port: 8080, securePort: 8443, secureEnabled: true);

        var endpoint = EurekaEndpoint.Describe(instance, false, out _, preferSecurePort: preferSecurePort)!;

        Assert.Equal((address, securePort), (endpoint.Address.AbsoluteUri, endpoint.SecurePort));
    }

    [Theory]
    [InlineData("movies.mydomain.net:7001", "movies.mydomain.net")]
    [InlineData("192.168.70.107:7070", "192.168.70.107")]
    [InlineData("a:b", "a:b")]
    [InlineData(":7", ":7")]
    public void NamesOf_vip_with_a_port_is_known_without_it(string vip, string name) =>
        Assert.Equal(["orders", name], EurekaEndpoint.NamesOf(new EurekaNames("ORDERS", vip, null), secure: false));

    [Theory]
    [InlineData(true, false, "http://orders-1:8080/")]
    [InlineData(true, true, "http://orders-1:8080/")]
    [InlineData(false, true, "https://orders-1:8443/")]
    public void Describe_takes_TLS_only_where_plain_HTTP_is_off(bool plain, bool secure, string address)
    {
        var instance = TestInstance.Of("a", host: "orders-1", port: 8080, portEnabled: plain, securePort: 8443, secureEnabled: secure);

        var endpoint = EurekaEndpoint.Describe(instance, preferIPAddress: false, out var problem);

        Assert.Null(problem);
        Assert.Equal(address, endpoint!.Address.ToString());
        Assert.Equal("orders-1", endpoint.TlsName);
        Assert.Equal("a", endpoint.InstanceId);
        Assert.Null(endpoint.Host);
    }

    [Fact]
    public void Describe_by_address_connects_to_it_and_still_checks_the_host_name()
    {
        var endpoint = EurekaEndpoint.Describe(
            TestInstance.Of("a", host: "orders-1", ip: "10.0.0.9", port: 8080), preferIPAddress: true, out _);

        Assert.Equal("http://10.0.0.9:8080/", endpoint!.Address.ToString());
        Assert.Equal("orders-1", endpoint.TlsName);
    }

    [Theory]
    [InlineData("[::1]", "http://[::1]:8080/")]
    [InlineData("::1", "http://[::1]:8080/")]
    [InlineData("orders_api", "http://orders_api:8080/")]
    public void Describe_accepts_hosts_as_they_occur(string host, string address) =>
        Assert.Equal(address, EurekaEndpoint.Describe(TestInstance.Of("a", host: host, port: 8080), false, out _)?.Address.ToString());

    [Fact]
    public void Describe_zone_of_the_metadata_wins_over_the_data_centers()
    {
        var own = TestInstance.Of("a", dataCenterZone: "us-east-1c", metadata: [new("zone", "z1"), new("version", "2")]);
        var cloud = TestInstance.Of("a", dataCenterZone: "us-east-1c");

        Assert.Equal("z1", EurekaEndpoint.Describe(own, false, out _)!.Zone);
        Assert.Equal("2", EurekaEndpoint.Describe(own, false, out _)!.Labels["version"]);
        Assert.Equal("us-east-1c", EurekaEndpoint.Describe(cloud, false, out _)!.Zone);
    }

    [Theory]
    [InlineData("a", null, 8080, true, "no host name")]
    [InlineData("a", "", 8080, true, "no host name")]
    [InlineData("a", "or\nders", 8080, true, "a host name that is none")]
    [InlineData("a", "orders/evil", 8080, true, "a host name that is none")]
    [InlineData("a", "user@orders", 8080, true, "a host name that is none")]
    [InlineData("a", "orders", -1, true, "a port that is not a number from 1 to 65535")]
    [InlineData("a", "orders", 65536, true, "a port that is not a number from 1 to 65535")]
    [InlineData("a", "orders", 8080, false, "no enabled port")]
    [InlineData("a\u0001", "orders", 8080, true, "no usable instance id")]
    [InlineData("", "orders", 8080, true, "no usable instance id")]
    public void Describe_ill_formed_instance_says_why(string id, string? host, int port, bool enabled, string expected)
    {
        var endpoint = EurekaEndpoint.Describe(TestInstance.Of(id, host: host, port: port, portEnabled: enabled), false, out var problem);

        Assert.Null(endpoint);
        Assert.Equal(expected, problem);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("\u00a0\u3000")]
    [InlineData("a\u2028b")]
    public void NamesOf_what_is_no_name_is_left_out(string name) =>
        Assert.Empty(EurekaEndpoint.NamesOf(new EurekaNames(name, name, name), secure: true));

    /// <summary>Whoever may register one instance must not be able to keep all others from being read.</summary>
    [Fact]
    public void Describe_any_host_at_all_gives_an_endpoint_or_a_problem()
    {
        var random = new Random(4);
        const string Alphabet = "abz019.-_:[]%@/\\?#&=+*!$'(),;~^`{}|<>\" éß中\u00ad\u200b\u3002\ud800\udc00\ufffd0x";
        for (var i = 0; i < 200_000; i++)
        {
            var host = string.Create(random.Next(1, 12), random, (text, source) =>
            {
                foreach (ref var letter in text)
                {
                    letter = Alphabet[source.Next(Alphabet.Length)];
                }
            });

            var endpoint = EurekaEndpoint.Describe(
                TestInstance.Of("a", host: host, ip: host, port: 8080), preferIPAddress: i % 2 == 0, out var problem);

            Assert.True(endpoint is null != problem is null, host);
        }
    }

    [Theory]
    [InlineData("Billing, billing-ALT,,", "secure-billing", "billing,billing-alt,secure-billing", 2)]
    [InlineData("Billing, alt", "ALT,tls,alt", "billing,alt,tls", 2)]
    [InlineData("alt", "alt", "billing,alt", 2)]
    [InlineData("alt", null, "billing,alt", 2)]
    [InlineData(null, "secure-billing", "billing,secure-billing", 1)]
    [InlineData(null, null, "billing", 1)]
    public void Names_are_application_and_every_vip_in_lower_case_those_for_TLS_last(string? vip, string? secureVip, string all, int plain)
    {
        var names = new EurekaNames("BILLING", vip, secureVip);

        Assert.Equal(plain, names.PlainCount);
        Assert.Equal(all.Split(','), names.All);
        Assert.Equal(names.All[..plain], new EurekaNames("BILLING", vip, null).All);
    }
}
