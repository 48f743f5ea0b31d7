using System.Net;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Tests.Eureka;

namespace Mesh.Client.Tests.Model;

/// <summary>T21: what a source may name, in every spelling.</summary>
public sealed class EndpointPolicyTests
{
    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.0.1")]
    [InlineData("2852039166")]
    [InlineData("0xa9fea9fe")]
    [InlineData("0xA9.0xFE.0xA9.0xFE")]
    [InlineData("0251.0376.0251.0376")]
    [InlineData("169.254.43518")]
    [InlineData("169.16689662")]
    [InlineData("169.254.169.254.")]
    [InlineData("[::ffff:169.254.169.254]")]
    [InlineData("[::ffff:a9fe:a9fe]")]
    [InlineData("::ffff:a9fe:a9fe")]
    [InlineData("[::a9fe:a9fe]")]
    [InlineData("[::ffff:0:a9fe:a9fe]")]
    [InlineData("[64:ff9b::a9fe:a9fe]")]
    [InlineData("[64:ff9b:1::a9fe:a9fe]")]
    [InlineData("[2002:a9fe:a9fe::1]")]
    [InlineData("[2001:0:a9fe:a9fe::1]")]
    [InlineData("[fe80::1]")]
    [InlineData("[fe80::1%251]")]
    [InlineData("[febf::1]")]
    [InlineData("[fd00:ec2::254]")]
    [InlineData("[fd00:ec2::23]")]
    [InlineData("[fd00:ec2::1]")]
    [InlineData("[fd00:ec2:ffff::9]")]
    [InlineData("[fd00:a9fe:a9fe::1]")]
    [InlineData("[fd00:42::42]")]
    [InlineData("[fd00:c1::a9fe:a9fe]")]
    [InlineData("[fd00:100::100:200]")]
    [InlineData("[FD00:0EC2:0:0:0:0:0:0254]")]
    [InlineData("[fd20:ce::254]")]
    [InlineData("100.100.100.200")]
    [InlineData("::ffff:100.100.100.200")]
    [InlineData("168.63.129.16")]
    [InlineData("192.0.0.192")]
    [InlineData("0.0.0.0")]
    [InlineData("0")]
    [InlineData("0.1.2.3")]
    [InlineData("[::]")]
    [InlineData("[::ffff:0.0.0.0]")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.250")]
    [InlineData("[ff02::1]")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("127.0.0.1")]
    [InlineData("127.1")]
    [InlineData("127.255.255.254")]
    [InlineData("2130706433")]
    [InlineData("0x7f000001")]
    [InlineData("017700000001")]
    [InlineData("[::1]")]
    [InlineData("::1")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[::127.0.0.1]")]
    [InlineData("localhost")]
    [InlineData("LOCALHOST")]
    [InlineData("localhost.")]
    [InlineData("metadata.localhost")]
    [InlineData("metadata.localhost.")]
    public void Poisoned_registry_every_spelling_of_a_denied_address_is_refused(string host) => Assert.True(IsRefused(host), host);

    [Theory]
    [InlineData("evil.example#")]
    [InlineData("10.0.0.1/../@evil.example")]
    [InlineData("user@evil.example")]
    [InlineData("user:password@10.0.0.1")]
    [InlineData("evil.example?x=")]
    [InlineData("evil.example:80")]
    [InlineData("10.0.0.1:80")]
    [InlineData("evil.example\\@10.0.0.1")]
    [InlineData("evil example")]
    [InlineData("evil\r\nHost: x")]
    [InlineData("evil\0.example")]
    [InlineData("http://evil.example")]
    [InlineData("[10.0.0.1]")]
    [InlineData("")]
    [InlineData(".")]
    public void Poisoned_registry_host_that_is_more_than_a_host_is_refused(string host) => Assert.True(IsRefused(host), host);

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("192.168.1.2")]
    [InlineData("172.16.0.1")]
    [InlineData("100.64.0.1")]
    [InlineData("8.8.8.8")]
    [InlineData("[fd12:3456::1]")]
    [InlineData("[fd00:42::43]")]
    [InlineData("[fd00:ec3::1]")]
    [InlineData("[2a00:1450::1]")]
    [InlineData("[::ffff:10.0.0.1]")]
    [InlineData("orders-1")]
    [InlineData("orders-1.svc.cluster.local")]
    [InlineData("host_with_underscore")]
    [InlineData("notlocalhost")]
    [InlineData("localhost.example.com")]
    public void Ordinary_hosts_are_allowed(string host) => Assert.False(IsRefused(host), host);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(65536)]
    [InlineData(int.MaxValue)]
    public void Port_outside_of_1_to_65535_is_refused(int port) =>
        Assert.Null(EurekaEndpoint.Describe(TestInstance.Of("a", host: "10.0.0.1", port: port == 0 ? -1 : port), false, out _));

    [Theory]
    [InlineData("http://user:password@10.0.0.1:80/")]
    [InlineData("http://10.0.0.1:80/?target=x")]
    [InlineData("http://10.0.0.1:80/#x")]
    [InlineData("ftp://10.0.0.1/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://10.0.0.1:0/")]
    public void Address_of_a_source_that_is_more_than_scheme_host_port_and_path_is_refused_and_shown_without_secrets(string address)
    {
        var refusal = new EndpointPolicy(new EndpointPolicyOptions()).CheckTarget(new Uri(address), loopback: false);

        Assert.NotNull(refusal);
        Assert.DoesNotContain("password", refusal.Message("orders", "x"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.1.2.3", true)]
    [InlineData("[::ffff:10.1.2.3]", true)]
    [InlineData("11.1.2.3", false)]
    [InlineData("192.168.7.7", true)]
    [InlineData("192.168.7.8", false)]
    [InlineData("[fd12:3456::9]", true)]
    [InlineData("[fd12:3457::9]", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("orders-1", true)]
    public void AllowedNetworks_addresses_must_lie_in_them_and_denied_ones_stay_denied(string host, bool allowed) => Assert.Equal(
        allowed,
        !IsRefused(host,
            new EndpointPolicyOptions { AllowedNetworks = { "10.0.0.0/8", "192.168.7.7", "fd12:3456::/32", "169.254.0.0/16" } },
            loopback: true));

    [Theory]
    [InlineData("orders.svc.example", true)]
    [InlineData("ORDERS.SVC.EXAMPLE.", true)]
    [InlineData("svc.example", true)]
    [InlineData("orderssvc.example", false)]
    [InlineData("orders.svc.example.evil", false)]
    [InlineData("orders-1", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("[fd12:3456::9]", false)]
    public void AllowedHostSuffixes_names_must_end_with_one_and_addresses_may_not_stand_in_for_them(string host, bool allowed) =>
        Assert.Equal(allowed, !IsRefused(host, new EndpointPolicyOptions { AllowedHostSuffixes = { ".svc.example" } }));

    [Theory]
    [InlineData("orders.svc.example", true)]
    [InlineData("orders.evil.example", false)]
    [InlineData("10.1.2.3", true)]
    [InlineData("11.1.2.3", false)]
    [InlineData("[::ffff:11.1.2.3]", false)]
    [InlineData("[fd12:3456::9]", false)]
    public void Both_lists_names_need_a_suffix_and_addresses_a_network(string host, bool allowed) =>
        Assert.Equal(
            allowed,
            !IsRefused(host, new EndpointPolicyOptions { AllowedNetworks = { "10.0.0.0/8" }, AllowedHostSuffixes = { "svc.example" } }));

    [Theory]
    [InlineData("10.1.2.3", true)]
    [InlineData("::ffff:10.1.2.3", true)]
    [InlineData("11.1.2.3", false)]
    [InlineData("8.8.8.8", false)]
    [InlineData("fd12:3456::9", false)]
    public void Both_lists_what_an_allowed_name_resolves_to_must_lie_in_a_network(string address, bool allowed)
    {
        var policy = new EndpointPolicy(
            new EndpointPolicyOptions { AllowedNetworks = { "10.0.0.0/8" }, AllowedHostSuffixes = { "svc.example" } });

        Assert.Equal(allowed, policy.CheckAddress(IPAddress.Parse(address), loopback: true) is null);
    }

    [Theory]
    [InlineData(null, false, "", false)]
    [InlineData(null, true, "", true)]
    [InlineData(true, false, "", true)]
    [InlineData(false, true, "", false)]
    [InlineData(null, true, "10.0.0.0/8", false)]
    [InlineData(null, false, "127.0.0.1", true)]
    [InlineData(null, false, "0.0.0.0/0", false)]
    [InlineData(true, false, "10.0.0.0/8", true)]
    public void Loopback_is_allowed_by_setting_by_list_or_by_where_the_source_is(bool? setting, bool local, string network, bool allowed)
    {
        var options = new EndpointPolicyOptions { AllowLoopback = setting };
        if (network.Length > 0)
        {
            options.AllowedNetworks.Add(network);
        }

        Assert.Equal(allowed, !IsRefused("127.0.0.1", options, local));
        Assert.Equal(allowed, new EndpointPolicy(options).CheckAddress(IPAddress.Loopback.MapToIPv6(), local) is null);
    }

    /// <summary>On intake, as an instance of a registry comes: by the reader of the registry's words, then by the policy.</summary>
    private static bool IsRefused(string host, EndpointPolicyOptions? options = null, bool loopback = false) =>
        EurekaEndpoint.Describe(TestInstance.Of("a", host: host, port: 8080), preferIPAddress: false, out _) is not { } endpoint
        || new EndpointPolicy(options ?? new EndpointPolicyOptions()).CheckTarget(endpoint.Address, loopback) is not null;
}
