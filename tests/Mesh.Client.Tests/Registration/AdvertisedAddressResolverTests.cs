using Mesh.Client.Eureka;
using Mesh.Client.Options;
using Mesh.Client.Registration;

namespace Mesh.Client.Tests.Registration;

public class AdvertisedAddressResolverTests
{
    private static readonly MachineAddress Machine = new("web-7", "10.1.2.3");

    [Theory]
    [InlineData("http://10.0.0.5:5000", "10.0.0.5", "10.0.0.5", 5000, null)]
    [InlineData("http://orders.example.com:5000", "orders.example.com", "10.1.2.3", 5000, null)]
    [InlineData("http://localhost:5000", "127.0.0.1", "127.0.0.1", 5000, null)]
    [InlineData("http://127.0.0.1:5000", "127.0.0.1", "127.0.0.1", 5000, null)]
    [InlineData("http://[::1]:5000", "[::1]", "::1", 5000, null)]
    [InlineData("http://0.0.0.0:5000", "web-7", "10.1.2.3", 5000, null)]
    [InlineData("http://[::]:5000", "web-7", "10.1.2.3", 5000, null)]
    [InlineData("http://+:5000", "web-7", "10.1.2.3", 5000, null)]
    [InlineData("http://*:5000", "web-7", "10.1.2.3", 5000, null)]
    [InlineData("https://*:5001", "web-7", "10.1.2.3", null, 5001)]
    [InlineData("https://*:5001;http://*:5000;http://*:5002", "web-7", "10.1.2.3", 5000, 5001)]
    [InlineData("http://unix:/tmp/orders.sock;http://10.0.0.5:5000", "10.0.0.5", "10.0.0.5", 5000, null)]
    [InlineData("http://localhost:9090;https://*:5001", "web-7", "10.1.2.3", null, 5001)]
    [InlineData("http://app.dev.localhost:5001", "127.0.0.1", "127.0.0.1", 5001, null)]
    [InlineData("http://App.Dev.LocalHost.:5001", "127.0.0.1", "127.0.0.1", 5001, null)]
    [InlineData("http://127.0.0.1:5000;https://app.dev.localhost:5001", "127.0.0.1", "127.0.0.1", 5000, 5001)]
    [InlineData("http://app.dev.localhost:5001;http://*:5002", "web-7", "10.1.2.3", 5002, null)]
    [InlineData("http://notlocalhost:5001", "notlocalhost", "10.1.2.3", 5001, null)]
    public void Resolve_follows_what_the_server_listens_on(string listening, string host, string ip, int? port, int? securePort)
    {
        var address = AdvertisedAddressResolver.Resolve(listening.Split(';'), new EurekaOptions(), Machine);

        Assert.Equal(new AdvertisedAddress { HostName = host, IPAddress = ip, Port = port, SecurePort = securePort }, address);
    }

    [Theory]
    [InlineData("")]
    [InlineData("http://unix:/tmp/orders.sock")]
    public void Resolve_no_TCP_address_is_none(string listening) =>
        Assert.Null(
            AdvertisedAddressResolver.Resolve(listening.Split(';', StringSplitOptions.RemoveEmptyEntries), new EurekaOptions(), Machine));

    [Fact]
    public void Resolve_configured_values_win()
    {
        var options = new EurekaOptions { HostName = "orders.example.com", IPAddress = "192.0.2.7", Port = 80 };

        var address = AdvertisedAddressResolver.Resolve(["http://0.0.0.0:5000", "https://0.0.0.0:5001"], options, Machine);

        Assert.Equal(
            new AdvertisedAddress { HostName = "orders.example.com", IPAddress = "192.0.2.7", Port = 80, SecurePort = 5001 }, address);
    }

    [Fact]
    public void Resolve_configured_port_of_a_TLS_only_server_is_the_TLS_port()
    {
        var address = AdvertisedAddressResolver.Resolve(["https://*:5001"], new EurekaOptions { Port = 443 }, Machine);

        Assert.Null(address!.Port);
        Assert.Equal(443, address.SecurePort);
    }

    /// <summary>Others make an address of it by putting the port behind.</summary>
    [Theory]
    [InlineData("http://[fd00::7]:5000", true, null, null, "[fd00::7]", "fd00::7")]
    [InlineData("http://*:5000", true, null, "fd00::7", "[fd00::7]", "fd00::7")]
    [InlineData("http://*:5000", false, "fd00::7", null, "[fd00::7]", "10.1.2.3")]
    [InlineData("http://*:5000", false, "[fd00::7]", null, "[fd00::7]", "10.1.2.3")]
    public void Resolve_IPv6_address_as_host_is_in_brackets(
        string listening, bool prefer, string? host, string? ip, string expectedHost, string expectedAddress)
    {
        var address = AdvertisedAddressResolver.Resolve(
            [listening], new EurekaOptions { PreferIPAddress = prefer, HostName = host, IPAddress = ip }, Machine)!;

        Assert.Equal((expectedHost, expectedAddress), (address.HostName, address.IPAddress));
        Assert.Equal($"http://{expectedHost}:5000/health", RegistrationPages.Of(address, RegistrationDetails.Default).HealthCheck);
    }

    [Theory]
    [InlineData("web-7", "127.0.0.1 10.1.2.3 10.9.9.9", "web-7", "10.1.2.3")]
    [InlineData("web_7", "fe80::1 fd00::7 10.1.2.3", "web_7", "10.1.2.3")]
    [InlineData("web-7", "::1 fe80::1 fd00::7", "web-7", "fd00::7")]
    [InlineData("web-7", "", "web-7", "127.0.0.1")]
    [InlineData("localhost", "10.1.2.3", "10.1.2.3", "10.1.2.3")]
    [InlineData("localhost.localdomain", "10.1.2.3", "10.1.2.3", "10.1.2.3")]
    [InlineData("(none)", "fd00::7", "[fd00::7]", "fd00::7")]
    [InlineData("", "10.1.2.3", "10.1.2.3", "10.1.2.3")]
    [InlineData("123456789012", "10.1.2.3", "10.1.2.3", "10.1.2.3")]
    public void From_takes_what_leads_others_here(string name, string addresses, string host, string address) => Assert.Equal(
        new MachineAddress(host, address),
        MachineAddress.From(name, [.. addresses.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(System.Net.IPAddress.Parse)]));

    /// <summary>As Steeltoe and Spring have it.</summary>
    [Fact]
    public void Resolve_preferring_addresses_registers_the_address_although_a_host_name_is_configured()
    {
        var options = new EurekaOptions { PreferIPAddress = true, HostName = "fortune_service", IPAddress = "172.31.0.11" };

        Assert.Equal("172.31.0.11", AdvertisedAddressResolver.Resolve(["http://*:8091"], options, Machine)!.HostName);
    }

    [Theory]
    [InlineData(null, "10.1.2.3")]
    [InlineData("192.0.2.7", "192.0.2.7")]
    public void Resolve_preferring_addresses_registers_the_address_as_host(string? configured, string expected)
    {
        var options = new EurekaOptions { PreferIPAddress = true, IPAddress = configured };

        var address = AdvertisedAddressResolver.Resolve(["http://*:5000"], options, Machine);

        Assert.Equal(expected, address!.HostName);
        Assert.Equal(expected, address.IPAddress);
    }

    [Fact]
    public void Find_gives_a_name_and_an_address()
    {
        var machine = MachineAddress.Find();

        Assert.NotEmpty(machine.HostName);
        Assert.True(System.Net.IPAddress.TryParse(machine.Address, out _));
    }
}
