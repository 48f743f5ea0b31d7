using Mesh.Client.Configuration;
using Mesh.Client.Eureka;
using Mesh.Client.Model;
using Mesh.Client.Registration;
using Mesh.Client.Tests.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Client.Tests.Configuration;

public sealed class SteeltoeKeysTests
{
    private const string Placeholder =
        "holds a placeholder (${…}), and placeholders are not resolved. Write the value, or set this key by an environment variable.";

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
    public void Values_that_are_empty_or_no_number_of_anything_count_as_not_set()
    {
        var eureka = TestApplication.Read("""
            { "Eureka": { "Client": { "RegistryFetchIntervalSeconds": "", "ShouldFetchRegistry": "" }, "Instance": { "Port": 0, "NonSecurePort": -1, "HostName": "" } } }
            """).Discovery.Eureka;

        Assert.Null(eureka.FetchInterval);
        Assert.Null(eureka.Fetch);
        Assert.Null(eureka.Port);
        Assert.Null(eureka.HostName);
    }

    [Theory]
    [InlineData("Eureka:Client:ShouldRegisterWithEureka", "no", "'no' is neither true nor false.")]
    [InlineData("Eureka:Client:ShouldRegisterWithEureka", "0", "'0' is neither true nor false.")]
    [InlineData("Eureka:Client:ShouldFetchRegistry", "perhaps", "'perhaps' is neither true nor false.")]
    [InlineData("Eureka:Client:Enabled", "off", "'off' is neither true nor false.")]
    [InlineData("Spring:Cloud:Discovery:Enabled", "off", "'off' is neither true nor false.")]
    [InlineData("Eureka:Client:ShouldDisableDelta", "1", "'1' is neither true nor false.")]
    [InlineData("Eureka:Client:HealthCheckEnabled", "1", "'1' is neither true nor false.")]
    [InlineData("Eureka:Client:RegistryFetchIntervalSeconds", "often", "'often' is not a whole number.")]
    [InlineData("Eureka:Client:EurekaServer:ConnectTimeoutSeconds", "2.5", "'2.5' is not a whole number.")]
    [InlineData("Eureka:Instance:Port", "80 80", "'80 80' is not a whole number.")]
    [InlineData("Eureka:Instance:SecurePort", "https", "'https' is not a whole number.")]
    [InlineData("Eureka:Instance:LeaseRenewalIntervalInSeconds", "5s", "'5s' is not a whole number.")]
    [InlineData("Eureka:Instance:DataCenterInfo:Name", "Mine", "'Mine' is none of MyOwn, Amazon, Netflix.")]
    [InlineData("Eureka:Instance:NonSecurePort", "${PORT:8080}", Placeholder)]
    [InlineData("Eureka:Client:ShouldRegisterWithEureka", "${REGISTER:true}", Placeholder)]
    [InlineData("Eureka:Instance:InstanceId", "${spring.application.name}:${random.value}", Placeholder)]
    [InlineData("Spring:Application:Instance_Id", "${random.value}", Placeholder)]
    [InlineData("Spring:Application:Name", "${NAME:orders}", Placeholder)]
    [InlineData("Eureka:Instance:HostName", "${HOST}", Placeholder)]
    [InlineData("Eureka:Instance:IPAddress", "${HOST}", Placeholder)]
    [InlineData("Eureka:Instance:VipAddress", "${spring.application.name}", Placeholder)]
    [InlineData("Eureka:Instance:StatusPageUrl", "http://${eureka.hostname}:${PORT}/info", Placeholder)]
    [InlineData("Eureka:Instance:MetadataMap:zone", "${ZONE}", Placeholder)]
    [InlineData("Eureka:Client:RegistryRefreshSingleVipAddress", "${VIP}", Placeholder)]
    public void A_value_that_cannot_be_read_is_a_mistake_under_its_key(string key, string value, string mistake)
    {
        var json = System.Text.Json.JsonSerializer.Serialize(
            new Dictionary<string, string> { ["Eureka:Client:ServiceUrl"] = "http://a:8761/", [key] = value });

        Assert.Equal([$"{key}: {mistake}"], TestApplication.MistakesOf(json), StringComparer.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("Eureka:Client:RegistryFetchIntervalSeconds", "0")]
    [InlineData("Eureka:Client:EurekaServer:ConnectTimeoutSeconds", "0")]
    [InlineData("Eureka:Client:EurekaServerConnectTimeoutSeconds", "-1")]
    [InlineData("Eureka:Instance:LeaseRenewalIntervalInSeconds", "-1")]
    [InlineData("Eureka:Instance:LeaseExpirationDurationInSeconds", "0")]
    public void A_time_that_is_none_is_a_mistake_under_its_key(string key, string value)
    {
        var json = $$"""{ "Eureka:Client:ServiceUrl": "http://a:8761/", "{{key}}": {{value}} }""";

        var mistakes = TestApplication.MistakesOf(json);

        Assert.NotEmpty(mistakes);
        Assert.All(mistakes, mistake => Assert.StartsWith(key + ": ", mistake, StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("ProxyPort", "x", "'x' is not a whole number.")]
    [InlineData("ProxyHost", "${PROXY}", Placeholder)]
    [InlineData("ProxyPassword", "${SECRET}", Placeholder)]
    public void A_value_of_the_proxy_that_cannot_be_read_is_a_mistake_without_a_password(string key, string value, string mistake)
    {
        var json = System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, string>
        {
            ["Eureka:Client:EurekaServer:ProxyHost"] = "proxy",
            ["Eureka:Client:EurekaServer:ProxyUserName"] = "me",
            [$"Eureka:Client:EurekaServer:{key}"] = value,
        });

        Assert.Equal([$"Eureka:Client:EurekaServer:{key}: {mistake}"], TestApplication.MistakesOf(json));
    }

    [Theory]
    // As .NET's binder reads them.
    [InlineData("""{ "Eureka:Client:ServiceUrl": "http://a:8761/", "Eureka:Client:ShouldRegisterWithEureka": " FALSE ", "Eureka:Instance:Port": " 8080 " }""")]
    // The mesh's own key is set: this one is not read.
    [InlineData("""{ "Eureka:Client:ServiceUrl": "http://a:8761/", "Eureka:Client:ShouldRegisterWithEureka": "no", "Mesh:Discovery:Eureka:Register": false }""")]
    [InlineData("""{ "Eureka:Client:ServiceUrl": "http://a:8761/", "Eureka:Instance:MetadataMap:a": "${A}", "Mesh:Discovery:Eureka:Metadata:a": "b" }""")]
    // Switched off: nothing of it counts.
    [InlineData("""{ "Eureka:Client:Enabled": false, "Eureka:Client:ServiceUrl": "http://a:8761/", "Eureka:Client:ShouldRegisterWithEureka": "no", "Eureka:Instance:Port": "${PORT}" }""")]
    // The one placeholder that registries know.
    [InlineData("""{ "Eureka:Client:ServiceUrl": "http://a:8761/", "Eureka:Instance:StatusPageUrl": "http://${eureka.hostname}:80/info" }""")]
    [InlineData("""{ "Eureka:Client:ServiceUrl": "http://a:8761/", "Eureka:Instance:MetadataMap:a": "costs $5 {net}" }""")]
    // Nothing that the mesh reads.
    [InlineData("""{ "Eureka:Client:ServiceUrl": "http://a:8761/", "Eureka:Client:CacheTTL": "soon", "Eureka:Server:Port": "${PORT}", "Spring:Cloud:Config:Uri": "${CONFIG}" }""")]
    public void A_value_that_is_read_elsewhere_or_not_at_all_is_none(string json) => TestApplication.Read(json);

    [Fact]
    public void A_placeholder_in_the_password_of_a_registry_is_a_mistake() => Assert.Equal(
        ["Eureka:Client:ServiceUrl: holds a placeholder (${…}), and placeholders are not resolved. Write the address, or set this key by an environment variable."],
        TestApplication.MistakesOf("""{ "Eureka:Client:ServiceUrl": "http://user:${PASSWORD}@host:8761/eureka/" }"""));

    [Theory]
    [InlineData("Eureka:Instance:IPAddress", "http://172.31.0.11")]
    [InlineData("Eureka:Instance:HostName", "a b")]
    [InlineData("Eureka:Instance:Port", "70000")]
    [InlineData("Eureka:Instance:NonSecurePort", "70000")]
    [InlineData("Eureka:Instance:LeaseExpirationDurationInSeconds", "5")]
    [InlineData("Eureka:Instance:HealthCheckUrl", "http://")]
    [InlineData("Eureka:Instance:MetadataMap:note", "a\nb")]
    [InlineData("Eureka:Instance:MetadataMap:zone", "eu-1a\n")]
    [InlineData("Eureka:Instance:MetadataMap:version", "1\n")]
    [InlineData("Eureka:Instance:AppGroup", "a\nb")]
    [InlineData("Eureka:Instance:AppGroupName", "a\nb")]
    [InlineData("Eureka:Instance:AsgName", "a\nb")]
    [InlineData("Eureka:Instance:HomePageUrlPath", "/a\nb")]
    [InlineData("Eureka:Instance:StatusPageUrl", "/a\nb")]
    [InlineData("Eureka:Instance:HealthCheckUrlPath", "/a\nb")]
    [InlineData("Eureka:Instance:SecureHealthCheckUrl", "/a\nb")]
    [InlineData("Spring:Application:Name", "my orders")]
    [InlineData("Eureka:Instance:AppName", "my orders")]
    [InlineData("Eureka:Instance:LeaseRenewalIntervalInSeconds", "120")]
    [InlineData("Eureka:Instance:MetadataMap:a\u0007b", "x", "Eureka:Instance:MetadataMap")]
    [InlineData("Eureka:Client:ServiceUrl", "http://a:8761/,b:8761")]
    [InlineData("Eureka:Client:ServiceUrl:defaultZone", "http://a:8761/,b:8761")]
    [InlineData("Eureka:Client:ServiceUrl:eu", "http://a:8761/,b:8761")]
    [InlineData("Eureka:Client:EurekaServerServiceUrls", "http://a:8761/,b:8761")]
    [InlineData("Eureka:Client:EurekaServer:ProxyHost", "a b")]
    [InlineData("Eureka:Client:EurekaServer:ProxyHost", "http://proxy")]
    [InlineData("Eureka:Client:ProxyHost", "proxy:3128")]
    [InlineData("Mesh:Discovery:Eureka:IPAddress", "http://172.31.0.11")]
    public void A_mistake_is_reported_under_the_key_that_was_written(string key, string value, string? place = null)
    {
        using var application = new TestApplication("{}");
        application.Save(System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, string> { [key] = value }));
        application.Services.AddMesh();

        var mistake = Assert.Single(
            Assert.ThrowsAny<Microsoft.Extensions.Options.OptionsValidationException>(() => application.Build()
                .GetRequiredService<ModelInForce>()).Failures);

        Assert.StartsWith((place ?? key) + ": ", mistake, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Steeltoe takes any text there, and its guide writes "localhost".</summary>
    [Theory]
    [InlineData("localhost", true, "127.0.0.1", "127.0.0.1")]
    [InlineData(" LocalHost. ", true, "127.0.0.1", "127.0.0.1")]
    [InlineData("orders.dev.localhost", true, "127.0.0.1", "127.0.0.1")]
    [InlineData("localhost", false, "web-7", "127.0.0.1")]
    [InlineData(" 10.0.0.7 ", true, "10.0.0.7", "10.0.0.7")]
    [InlineData("::1", true, "[::1]", "::1")]
    [InlineData("[::1]", true, "[::1]", "::1")]
    [InlineData("[fd00::7]", false, "web-7", "fd00::7")]
    [InlineData("", true, "10.1.2.3", "10.1.2.3")]
    [InlineData("  ", true, "10.1.2.3", "10.1.2.3")]
    [InlineData("orders-1", true, "orders-1", "10.1.2.3")]
    [InlineData(" orders_1.example.com ", true, "orders_1.example.com", "10.1.2.3")]
    [InlineData("orders-1", false, "web-7", "10.1.2.3")]
    public void Address_of_the_instance_may_be_a_name(string written, bool preferred, string host, string address)
    {
        var options = TestApplication.Read(
            $$"""
              {
                "Eureka:Client:ServiceUrl": "http://a:8761/",
                "Eureka:Instance": { "IpAddress": "{{written}}", "PreferIpAddress": "{{preferred}}" }
              }
              """);

        var resolved = AdvertisedAddressResolver.Resolve(
            ["http://*:8080"], options.Discovery.Eureka, new MachineAddress("web-7", "10.1.2.3"))!;

        Assert.Equal((host, address), (resolved.HostName, resolved.IPAddress));
    }

    [Theory]
    [InlineData("localhost:8080")]
    [InlineData("10.0.0.7:8080")]
    [InlineData("[::1]:8080")]
    [InlineData("http://10.0.0.7")]
    [InlineData("a b")]
    [InlineData("10.0.0.7, 10.0.0.8")]
    public void Address_of_the_instance_with_more_than_a_host_is_a_mistake(string written) => Assert.Equal(
        [$"Eureka:Instance:IPAddress: '{written}' is neither an IP address nor a host name. Write it without scheme and port."],
        TestApplication.MistakesOf($$"""{ "Eureka:Client:ServiceUrl": "http://a:8761/", "Eureka:Instance:IpAddress": "{{written}}" }"""));

    /// <summary>The mesh's own key is what its name says.</summary>
    [Theory]
    [InlineData("localhost")]
    [InlineData("orders-1")]
    [InlineData("[::1]:8080")]
    [InlineData("10.0.0.7:8080")]
    public void Address_under_the_own_key_is_an_address(string written) => Assert.Equal(
        [$"Mesh:Discovery:Eureka:IPAddress: '{written}' is not an IP address. Write it without port; a name belongs under HostName."],
        TestApplication.MistakesOf($$"""{ "Mesh:Discovery:Eureka:IPAddress": "{{written}}", "Eureka:Instance:IpAddress": "10.0.0.7" }"""));

    [Theory]
    [InlineData("""{ "IPAddress": "orders-1" }""", 1)]
    [InlineData("""{ "IPAddress": "orders-1", "PreferIPAddress": true }""", 0)]
    [InlineData("""{ "IPAddress": "localhost" }""", 0)]
    [InlineData("""{ "IPAddress": "10.0.0.7" }""", 0)]
    public void Name_in_place_of_an_address_that_goes_nowhere_is_mentioned(string instance, int mentioned)
    {
        using var application = new TestApplication(
            $$"""{ "Eureka": { "Client": { "ServiceUrl": "http://a:8761/" }, "Instance": {{instance}} } }""");
        application.Services.AddSingleton<IHostApplicationLifetime>(new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance));
        application.Services.AddMesh();
        _ = application.Build().GetServices<IHostedService>().OfType<SteeltoeReport>().Single();
        application.Edit(
            $$"""{ "Eureka": { "Client": { "ServiceUrl": "http://a:8761/" }, "Instance": {{instance}} }, "Mesh:Domain": "mesh.local" }""");

        var records = application.Log.GetSnapshot().Where(static record => record.Id.Id == 104).ToArray();
        Assert.Equal(mentioned, records.Length);
        Assert.All(records, static record => Assert.StartsWith(
            "Eureka:Instance:IPAddress has no effect on the mesh: it is a name, ", record.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{ "Eureka:Client:ProxyHost": "proxy", "Eureka:Client:ProxyPort": 70000 }""",
        "Eureka:Client:ProxyPort: 70000 is out of range, 1 to 65535.")]
    [InlineData("""{ "Eureka:Client:EurekaServer:ProxyPort": 80, "Eureka:Client:ProxyHost": "a b" }""",
        "Eureka:Client:ProxyHost: is not a host name")]
    [InlineData("""{ "Eureka:Instance:Port": 0, "Eureka:Instance:NonSecurePort": 70000 }""",
        "Eureka:Instance:NonSecurePort: 70000 is out of range")]
    [InlineData("""{ "Eureka:Instance:Port": 0, "Eureka:Instance:NonSecurePort": "http" }""",
        "Eureka:Instance:NonSecurePort: 'http' is not a whole number.")]
    [InlineData("""{ "Eureka:Client:ServiceUrl": "b:8761", "Mesh:Discovery:Eureka:ServiceUrls:0": "" }""", "Eureka:Client:ServiceUrl: 'b:8761'")]
    [InlineData("""{ "Eureka:Instance:LeaseExpirationDurationInSeconds": 20, "Eureka:Instance:LeaseRenewalIntervalInSeconds": 25 }""",
        "Eureka:Instance:LeaseExpirationDurationInSeconds: 00:00:20 is not longer than "
        + "Eureka:Instance:LeaseRenewalIntervalInSeconds (00:00:25)")]
    public void A_mistake_of_several_keys_is_reported_under_the_one_that_counts(string json, string mistake) =>
        Assert.StartsWith(mistake, Assert.Single(TestApplication.MistakesOf(json)), StringComparison.OrdinalIgnoreCase);

    /// <summary>What is not read is no mistake.</summary>
    [Theory]
    [InlineData("""{ "Eureka:Client:ProxyHost": "a b", "Eureka:Client:Enabled": false }""")]
    [InlineData("""{ "Eureka:Client:ProxyHost": "a b", "Mesh:Discovery:Eureka:Proxy": "http://proxy:3128" }""")]
    [InlineData("""{ "Eureka:Client:ProxyHost": "proxy", "Eureka:Client:ProxyPort": 65535 }""")]
    public void A_proxy_that_is_not_in_force_or_right_is_no_mistake(string json) => Assert.NotNull(TestApplication.Read(json));

    [Fact]
    public void A_proxy_counts_with_registries_of_the_mesh_though_the_client_of_Steeltoe_is_off() => Assert.StartsWith(
        "Eureka:Client:ProxyHost: ",
        Assert.Single(TestApplication.MistakesOf("""
            {
              "Eureka:Client:ProxyHost": "a b",
              "Eureka:Client:Enabled": false,
              "Mesh:Discovery:Eureka:ServiceUrls:0": "http://a:8761/"
            }
            """)),
        StringComparison.Ordinal);

    /// <summary>The key of Steeltoe says nothing of an address that the application has added by itself.</summary>
    [Theory]
    [InlineData("""{ "Eureka:Client:ServiceUrl": "http://a:8761/" }""")]
    [InlineData("""{ "Eureka:Client:ServiceUrl": "http://a/,http://b/", "Mesh:Discovery:Eureka:ServiceUrls:0": "http://c/" }""")]
    public void A_mistake_in_a_registry_of_the_code_is_not_that_of_Steeltoes_key(string json) => Assert.StartsWith(
        "Mesh:Discovery:Eureka:ServiceUrls:1: ",
        Assert.Single(TestApplication.MistakesOf(
            json, static mesh => mesh.Services.AddMesh(static options => options.Discovery.Eureka.ServiceUrls.Add("b:8761")))),
        StringComparison.Ordinal);

    [Fact]
    public void A_proxy_may_be_an_address_of_IPv6() => Assert.Equal(
        "http://[fd00::1]:3128",
        TestApplication.Read("""{ "Eureka:Client:ProxyHost": "fd00::1", "Eureka:Client:ProxyPort": 3128 }""").Discovery.Eureka.Proxy);

    [Theory]
    [InlineData("http://a:8761/eureka,http://a:8761/eureka/")]
    [InlineData("http://a:8761/eureka/, HTTP://A:8761/eureka/")]
    public void Two_spellings_of_one_registry_are_one(string urls)
    {
        var options = TestApplication.Read($$"""{ "Eureka:Client:ServiceUrl": "{{urls}}" }""").Discovery.Eureka;

        Assert.Single(EurekaServers.InOrder(options, zone: null));
    }

    [Theory]
    [InlineData("http://user:p@ssw0rd@host:8761/eureka/", "Eureka:Client:ServiceUrl: 'http://host:8761/eureka/' has a user name or "
        + "password with an '@'. Write it as %40, / as %2F, ? as %3F and # as %23.")]
    [InlineData("${EUREKA_URL?http://localhost:8761/eureka/}",
        "Eureka:Client:ServiceUrl: holds a placeholder (${…}), and placeholders are not resolved. Write the address, or set this key by "
        + "an environment variable.")]
    public void A_registry_address_that_cannot_be_read_says_what_to_write(string url, string mistake) =>
        Assert.Equal([mistake], TestApplication.MistakesOf($$"""{ "Eureka:Client:ServiceUrl": "{{url}}" }"""));

    [Theory]
    [InlineData("""{ "Eureka:Instance:AppName": "a" }""", true)]
    [InlineData("""{ "Eureka:Client:Enabled": true, "Eureka:Client:ShouldRegisterWithEureka": true }""", true)]
    [InlineData("""{ "Eureka:Client:Enabled": false, "Eureka:Instance:AppName": "a" }""", false)]
    [InlineData("""{ "Eureka:Client:ShouldFetchRegistry": false, "Eureka:Client:ShouldRegisterWithEureka": false }""", false)]
    [InlineData("""{ "Eureka:Client:ServiceUrl": "http://a:8761/eureka/" }""", false)]
    [InlineData("""{ "Eureka:Instance:AppName": "a", "Mesh:Discovery:Eureka:ServiceUrls:0": "http://a:8761/eureka/" }""", false)]
    [InlineData("""{ "Spring:Application:Name": "a" }""", false)]
    [InlineData("""{ "Eureka:Instance:AppName": "a", "Mesh:Enabled": false }""", false)]
    public void An_application_that_relies_on_the_default_registry_is_warned(string json, bool warned)
    {
        using var application = new TestApplication(json);
        application.Services.AddMesh();
        _ = ActivatorUtilities.CreateInstance<SteeltoeReport>(application.Build());

        var warnings = application.Log.GetSnapshot().Where(record => record.Id.Id == 108).ToArray();

        Assert.Equal(
            warned,
            warnings is [{ Id.Name: "SteeltoeWithoutRegistry" } warning]
                && warning.Message.Contains("http://localhost:8761/eureka/", StringComparison.Ordinal));
    }

    [Fact]
    public void A_mesh_that_is_switched_off_says_nothing_of_keys_without_effect_until_it_is_on()
    {
        const string Keys = """ "Eureka:Client:AllowRedirects": true, "Eureka:Instance:AppName": "a" """;
        using var application = new TestApplication($$"""{ "Mesh:Enabled": false, {{Keys}} }""");
        application.Services.AddMesh();
        _ = ActivatorUtilities.CreateInstance<SteeltoeReport>(application.Build());
        var before = application.Log.GetSnapshot().Where(static record => record.Id.Id is 104 or 108).ToArray();

        application.Edit($$"""{ "Mesh:Enabled": true, {{Keys}} }""");

        Assert.Empty(before);
        Assert.Equal([108, 104], application.Log.GetSnapshot().Select(static record => record.Id.Id).Where(static id => id is 104 or 108));
    }

    [Theory]
    [InlineData("""{ "Eureka:Client:ServiceUrl": "http://a:8761/eureka/" }""", true)]
    [InlineData("""{ "Eureka:Client:ServiceUrl": "http://a:8761/eureka/", "Mesh:Discovery:Eureka:PreferSecurePort": false }""", false)]
    [InlineData("""{ "Mesh:Discovery:Eureka:ServiceUrls:0": "http://a:8761/eureka/" }""", null)]
    public void The_secure_port_is_preferred_beside_Steeltoes_keys(string json, bool? expected) =>
        Assert.Equal(expected, TestApplication.Read(json).Discovery.Eureka.PreferSecurePort);

    [Fact]
    public void PreferIPAddress_is_about_the_registration_only() => Assert.Null(
        TestApplication.Read("""{ "Eureka:Client:ServiceUrl": "http://a:8761/", "Eureka:Instance:PreferIPAddress": true }""").Discovery.Eureka.CallByIPAddress);

    [Fact]
    public void An_unusable_registry_address_is_reported_under_its_own_key() => Assert.Equal(
        ["Eureka:Client:ServiceUrl: 'b:8761' is not an absolute http or https address, such as http://localhost:8761/eureka/."],
        TestApplication.MistakesOf("""{ "Eureka:Client:ServiceUrl": "http://a:8761/,b:8761" }"""));
}
