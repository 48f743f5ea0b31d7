namespace Mesh.Client.Tests.DependencyInjection;

public sealed class SteeltoeKeysTests
{
    private const string Steeltoe = """
        {
          "Spring": { "Application": { "Name": "fortunes", "Unknown": { "To": "us" } }, "Cloud": { "Config": { "Uri": "http://localhost:8888" } } },
          "Eureka": {
            "Client": {
              "ServiceUrl": "http://eureka-1:8761/eureka/, http://eureka-2:8761/eureka/",
              "RegistryFetchIntervalSeconds": 5,
              "ShouldFetchRegistry": "true",
              "ShouldRegisterWithEureka": false,
              "ValidateCertificates": false,
              "EurekaServer": { "ConnectTimeoutSeconds": 3 }
            },
            "Instance": {
              "HostName": "fortunes.internal",
              "IPAddress": "10.0.0.7",
              "PreferIPAddress": true,
              "NonSecurePort": 5000,
              "InstanceId": "fortunes:1",
              "LeaseRenewalIntervalInSeconds": 10,
              "LeaseExpirationDurationInSeconds": 25,
              "MetadataMap": { "zone": "eu-1a", "version": "3" }
            }
          }
        }
        """;

    [Fact]
    public void A_Steeltoe_application_needs_no_new_settings()
    {
        var options = TestApplication.Read(Steeltoe);

        Assert.Equal("fortunes", options.Service.Name);
        Assert.Equal("eu-1a", options.Service.Zone);
        var eureka = options.Discovery.Eureka;
        Assert.Equal(["http://eureka-1:8761/eureka/", "http://eureka-2:8761/eureka/"], eureka.ServiceUrls);
        Assert.Equal(TimeSpan.FromSeconds(5), eureka.FetchInterval);
        Assert.True(eureka.Fetch);
        Assert.False(eureka.Register);
        Assert.Equal(TimeSpan.FromSeconds(3), eureka.RequestTimeout);
        Assert.Equal("fortunes.internal", eureka.HostName);
        Assert.Equal("10.0.0.7", eureka.IPAddress);
        Assert.True(eureka.PreferIPAddress);
        Assert.Equal(5000, eureka.Port);
        Assert.Equal("fortunes:1", eureka.InstanceId);
        Assert.Equal(TimeSpan.FromSeconds(10), eureka.HeartbeatInterval);
        Assert.Equal(TimeSpan.FromSeconds(25), eureka.LeaseDuration);
        Assert.Equal(new Dictionary<string, string> { ["zone"] = "eu-1a", ["version"] = "3" }, eureka.Metadata);
    }

    [Fact]
    public void The_own_keys_win()
    {
        var options = TestApplication.Read(Steeltoe.TrimEnd()[..^1] + """
            , "Mesh": { "Service": { "Name": "mine", "Zone": "z" },
                        "Discovery": { "Eureka": { "ServiceUrls": ["http://mine:8761/"], "FetchInterval": "00:00:07", "Fetch": false, "Register": true, "Port": 1,
                                                   "Metadata": { "version": "4" } } } } }
            """);

        Assert.Equal("mine", options.Service.Name);
        Assert.Equal("z", options.Service.Zone);
        var eureka = options.Discovery.Eureka;
        Assert.Equal(["http://mine:8761/"], eureka.ServiceUrls);
        Assert.Equal(TimeSpan.FromSeconds(7), eureka.FetchInterval);
        Assert.False(eureka.Fetch);
        Assert.True(eureka.Register);
        Assert.Equal(1, eureka.Port);
        Assert.Equal("4", eureka.Metadata["version"]);
        Assert.Equal("fortunes.internal", eureka.HostName);
    }

    [Fact]
    public void The_application_name_of_the_instance_wins_over_Springs() => Assert.Equal(
        "instance", TestApplication.Read("""{ "Spring:Application:Name": "spring", "Eureka:Instance:AppName": "instance" }""").Service.Name);

    [Fact]
    public void Port_wins_over_NonSecurePort() => Assert.Equal(
        7, TestApplication.Read("""{ "Eureka:Instance:Port": 7, "Eureka:Instance:NonSecurePort": 8 }""").Discovery.Eureka.Port);

    [Fact]
    public void A_client_that_is_switched_off_has_no_registry() => Assert.Empty(
        TestApplication.Read("""{ "Eureka:Client:Enabled": false, "Eureka:Client:ServiceUrl": "http://eureka:8761/" }""").Discovery.Eureka.ServiceUrls);

    [Fact]
    public void Values_that_cannot_be_read_count_as_not_set()
    {
        var eureka = TestApplication.Read("""
            { "Eureka": { "Client": { "RegistryFetchIntervalSeconds": "often", "ShouldFetchRegistry": "perhaps" }, "Instance": { "Port": 0, "HostName": "" } } }
            """).Discovery.Eureka;

        Assert.Null(eureka.FetchInterval);
        Assert.Null(eureka.Fetch);
        Assert.Null(eureka.Port);
        Assert.Null(eureka.HostName);
    }

    [Fact]
    public void An_unusable_registry_address_is_reported_under_its_own_key() => Assert.Equal(
        ["Eureka:Client:ServiceUrl:1: 'b:8761' is not an absolute http or https address, such as http://orders-1:8080."],
        TestApplication.MistakesOf("""{ "Eureka:Client:ServiceUrl": "http://a:8761/,b:8761" }"""));
}
