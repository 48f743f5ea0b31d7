using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Tests.DependencyInjection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Tests.Configuration;

public sealed class MeshOptionsValidatorTests
{
    [Theory]
    [InlineData("Service:Name", "order service", "Mesh:Service:Name: 'order service' cannot be a service name")]
    [InlineData("Service:Name", "orders\\r", @"Mesh:Service:Name: 'orders\r' cannot be a service name")]
    [InlineData("Services:a:LoadBalancing:Policy", "RoundRobin\\r", @"Mesh:Services:a:LoadBalancing:Policy: 'RoundRobin\r' is none of")]
    [InlineData("Domain", "a\\u001b\\t\\n.b", @"Mesh:Domain: 'a\u001B\t\n.b' is not a DNS suffix")]
    [InlineData("Enabled", "maybe\\r", @"Mesh:Enabled: 'maybe\r' ")]
    [InlineData("Domain", "a b", "Mesh:Domain: 'a b' is not a DNS suffix")]
    [InlineData("Discovery:EmptyRegistryGrace", "-00:00:01", "Mesh:Discovery:EmptyRegistryGrace: -00:00:01 is out of range")]
    [InlineData("Discovery:StartupWait", "2.00:00:00", "Mesh:Discovery:StartupWait: 2.00:00:00 is out of range")]
    [InlineData("Discovery:Eureka:ServiceUrls:0", "localhost:8761",
        "Mesh:Discovery:Eureka:ServiceUrls:0: 'localhost:8761' is not an absolute http or https address")]
    [InlineData("Discovery:Eureka:FetchInterval", "00:00:00.099", "Mesh:Discovery:Eureka:FetchInterval: 00:00:00.0990000 is out of range")]
    [InlineData("Discovery:Eureka:HeartbeatInterval", "00:00:00.099",
        "Mesh:Discovery:Eureka:HeartbeatInterval: 00:00:00.0990000 is out of range")]
    [InlineData("Discovery:Eureka:RequestTimeout", "00:00:00", "Mesh:Discovery:Eureka:RequestTimeout: 00:00:00 is out of range")]
    [InlineData("Discovery:Eureka:LeaseDuration", "00:00:30",
        "Mesh:Discovery:Eureka:LeaseDuration: 00:00:30 is not longer than HeartbeatInterval (00:00:30, the default)")]
    [InlineData("Discovery:Eureka:HeartbeatInterval", "00:01:30",
        "Mesh:Discovery:Eureka:HeartbeatInterval: 00:01:30 is not shorter than LeaseDuration (00:01:30, the default)")]
    [InlineData("Discovery:Eureka:Port", "0", "Mesh:Discovery:Eureka:Port: 0 is out of range, 1 to 65535.")]
    [InlineData("Discovery:Eureka:Port", "65536", "Mesh:Discovery:Eureka:Port: 65536 is out of range, 1 to 65535.")]
    [InlineData("Discovery:Eureka:HostName", "a b", "Mesh:Discovery:Eureka:HostName: 'a b' is not a host name.")]
    [InlineData("Discovery:Eureka:IPAddress", "orders-1", "Mesh:Discovery:Eureka:IPAddress: 'orders-1' is not an IP address.")]
    [InlineData("Discovery:Eureka:ZoneServiceUrls:eu-1a:0", "localhost:8761",
        "Mesh:Discovery:Eureka:ZoneServiceUrls:eu-1a:0: 'localhost:8761' is not an absolute http or https address")]
    [InlineData("Discovery:Eureka:ServerQuarantine", "-00:00:01", "Mesh:Discovery:Eureka:ServerQuarantine: -00:00:01 is out of range")]
    [InlineData("Discovery:Eureka:Proxy", "me:secret@proxy", "Mesh:Discovery:Eureka:Proxy: is not an absolute http or https address")]
    [InlineData("Discovery:Eureka:InstanceId", "a\\nb", "Mesh:Discovery:Eureka:InstanceId: 'a?b' holds control characters")]
    [InlineData("Discovery:Eureka:VipAddress", "a\\tb", "Mesh:Discovery:Eureka:VipAddress: 'a?b' holds control characters")]
    [InlineData("Discovery:Eureka:SecureVipAddress", "a\\tb", "Mesh:Discovery:Eureka:SecureVipAddress: 'a?b' holds control characters")]
    [InlineData("Discovery:Eureka:Metadata:note", "a\\r\\nb", "Mesh:Discovery:Eureka:Metadata:note: 'a??b' holds control characters")]
    [InlineData("Discovery:Eureka:Metadata:a\\u0007b", "x", "Mesh:Discovery:Eureka:Metadata: 'a?b' holds control characters")]
    [InlineData("Service:Labels:lane", "a\\u0000", "Mesh:Service:Labels:lane: 'a?' holds control characters")]
    [InlineData("Service:Version", "1.2\\n", "Mesh:Service:Version: '1.2?' holds control characters")]
    [InlineData("Service:Version", "1\\uFFFF", "Mesh:Service:Version: '1\uFFFF' holds control characters")]
    [InlineData("Discovery:Eureka:Metadata:note", "\\uFFFE", "Mesh:Discovery:Eureka:Metadata:note: '\uFFFE' holds control characters")]
    [InlineData("Service:Zone", "eu-1a\\r\\n", "Mesh:Service:Zone: 'eu-1a??' holds control characters")]
    [InlineData("Discovery:Eureka:AppGroup", "a\\n", "Mesh:Discovery:Eureka:AppGroup: 'a?' holds control characters")]
    [InlineData("Discovery:Eureka:AutoScalingGroup", "a\\n", "Mesh:Discovery:Eureka:AutoScalingGroup: 'a?' holds control characters")]
    [InlineData("Discovery:Eureka:HomePageUrl", "/a\\n", "Mesh:Discovery:Eureka:HomePageUrl: '/a?' holds control characters")]
    [InlineData("Discovery:Eureka:StatusPageUrl", "http://a/\\n", "Mesh:Discovery:Eureka:StatusPageUrl: 'http://a/?' holds control")]
    [InlineData("Discovery:Eureka:HealthCheckUrl", "/a\\u0000", "Mesh:Discovery:Eureka:HealthCheckUrl: '/a?' holds control characters")]
    [InlineData("Discovery:Eureka:SecureHealthCheckUrl", "/\\t", "Mesh:Discovery:Eureka:SecureHealthCheckUrl: '/?' holds control")]
    [InlineData("Discovery:Eureka:HostName", "a\\n", "Mesh:Discovery:Eureka:HostName: 'a\\n' is not a host name.")]
    [InlineData("Discovery:Eureka:IPAddress", "10.0.0.1\\n", "Mesh:Discovery:Eureka:IPAddress: '10.0.0.1\\n' is not an IP address.")]
    [InlineData("Service:Name", "orders\\n", "Mesh:Service:Name: 'orders\\n' cannot be a service name")]
    [InlineData("Discovery:Eureka:ServiceUrls:0", "http://me:1234/secret@registry:8761/eureka",
        "Mesh:Discovery:Eureka:ServiceUrls:0: 'http://registry:8761/eureka' has an '@' behind its host.")]
    [InlineData("Discovery:Eureka:ServiceUrls:0", "http://me:1234#secret@registry:8761/eureka",
        "Mesh:Discovery:Eureka:ServiceUrls:0: 'http://registry:8761/eureka' has an '@' behind its host.")]
    [InlineData("Discovery:Eureka:SecurePort", "0", "Mesh:Discovery:Eureka:SecurePort: 0 is out of range, 1 to 65535.")]
    [InlineData("Discovery:Eureka:StatusPageUrl", "http://:::", "Mesh:Discovery:Eureka:StatusPageUrl: 'http://:::' is neither a path")]
    [InlineData("Discovery:Eureka:DataCenter:Metadata:ami-id", "a",
        "Mesh:Discovery:Eureka:DataCenter:Metadata: is published for Amazon only.")]
    [InlineData("Discovery:Eureka:Health:Interval", "00:00:00.099",
        "Mesh:Discovery:Eureka:Health:Interval: 00:00:00.0990000 is out of range")]
    [InlineData("Discovery:Eureka:Health:CheckTimeout", "00:00:00", "Mesh:Discovery:Eureka:Health:CheckTimeout: 00:00:00 is out of range")]
    [InlineData("Discovery:Eureka:Health:FailuresBeforeDown", "0",
        "Mesh:Discovery:Eureka:Health:FailuresBeforeDown: 0 is out of range, 1 or more.")]
    [InlineData("Discovery:Eureka:Health:SuccessesBeforeUp", "0",
        "Mesh:Discovery:Eureka:Health:SuccessesBeforeUp: 0 is out of range, 1 or more.")]
    [InlineData("Defaults:Timeout", "00:00:00", "Mesh:Defaults:Timeout: 00:00:00 is out of range, 00:00:00.0010000 to 1.00:00:00, or "
        + "-00:00:00.001 for none.")]
    [InlineData("Defaults:Timeout", "-00:00:00.002", "Mesh:Defaults:Timeout: -00:00:00.0020000 is out of range")]
    [InlineData("Defaults:AttemptTimeout", "-00:00:00.001", "Mesh:Defaults:AttemptTimeout: -00:00:00.0010000 is out of range")]
    [InlineData("Defaults:ConnectTimeout", "1.00:00:01", "Mesh:Defaults:ConnectTimeout: 1.00:00:01 is out of range")]
    [InlineData("Defaults:BodyIdleTimeout", "00:00:00", "Mesh:Defaults:BodyIdleTimeout: 00:00:00 is out of range")]
    [InlineData("Defaults:Retry:MaxRetries", "-1", "Mesh:Defaults:Retry:MaxRetries: -1 is out of range, 0 to 10.")]
    [InlineData("Defaults:Retry:BudgetRatio", "1.01", "Mesh:Defaults:Retry:BudgetRatio: 1.01 is out of range, 0 to 1.")]
    [InlineData("Defaults:Retry:BudgetRatio", "NaN", "Mesh:Defaults:Retry:BudgetRatio: NaN is out of range, 0 to 1.")]
    [InlineData("Defaults:OutlierDetection:ConsecutiveFailures", "0",
        "Mesh:Defaults:OutlierDetection:ConsecutiveFailures: 0 is out of range, 1 or more.")]
    [InlineData("Defaults:OutlierDetection:ConsecutiveConnectFailures", "0",
        "Mesh:Defaults:OutlierDetection:ConsecutiveConnectFailures: 0 is out of range, 1 or more.")]
    [InlineData("Defaults:OutlierDetection:BaseEjectionTime", "00:00:00",
        "Mesh:Defaults:OutlierDetection:BaseEjectionTime: 00:00:00 is out of range")]
    [InlineData("Defaults:OutlierDetection:MaxEjectionTime", "00:00:00.100",
        "Mesh:Defaults:OutlierDetection: MaxEjectionTime (00:00:00.1000000) is shorter than BaseEjectionTime (00:00:00.5000000).")]
    [InlineData("Defaults:TlsName", "a.example.com", "Mesh:Defaults:TlsName: the name of a certificate belongs to one service: write it "
        + "to Services:<name>:TlsName.")]
    [InlineData("Services:orders:TlsName", "10.0.0.1", "Mesh:Services:orders:TlsName: '10.0.0.1' is no DNS name.")]
    [InlineData("Defaults:OutlierDetection:FailureRatio", "1.5",
        "Mesh:Defaults:OutlierDetection:FailureRatio: 1.5 is out of range, 0 to 1.")]
    [InlineData("Defaults:OutlierDetection:MaxEjectedRatio", "1.5",
        "Mesh:Defaults:OutlierDetection:MaxEjectedRatio: 1.5 is out of range, 0 to 1.")]
    [InlineData("Defaults:OutlierDetection:Statuses:0", "600",
        "Mesh:Defaults:OutlierDetection:Statuses:0: '600' is not a status from 400 to 599, a range such as 500-504, or a class (4xx, "
        + "5xx).")]
    [InlineData("Defaults:OutlierDetection:PanicThreshold", "-0.1",
        "Mesh:Defaults:OutlierDetection:PanicThreshold: -0.1 is out of range, 0 to 1.")]
    [InlineData("Defaults:CircuitBreaker:FailureRatio", "0",
        "Mesh:Defaults:CircuitBreaker:FailureRatio: 0 is out of range, above 0, up to 1.")]
    [InlineData("Defaults:CircuitBreaker:SamplingDuration", "00:00:00.499",
        "Mesh:Defaults:CircuitBreaker:SamplingDuration: 00:00:00.4990000 is out of range")]
    [InlineData("Defaults:CircuitBreaker:BreakDuration", "1.00:00:01",
        "Mesh:Defaults:CircuitBreaker:BreakDuration: 1.00:00:01 is out of range")]
    [InlineData("Defaults:Endpoints:0", "http://a", "Mesh:Defaults:Endpoints: endpoints belong to one service")]
    [InlineData("Services:a:Endpoints:0", "orders", "Mesh:Services:a:Endpoints:0: 'orders' is not an absolute http or https address")]
    [InlineData("Services:a:Endpoints:0", "ftp://orders", "Mesh:Services:a:Endpoints:0: 'ftp://orders' is not an absolute http or https "
        + "address")]
    [InlineData("Services:a:Endpoints:0", "ftp://joe:secret@orders/x?key=secret",
        "Mesh:Services:a:Endpoints:0: 'ftp://orders/x' is not an absolute http or https address")]
    [InlineData("Services:a:Endpoints:0", "joe:se//cr@et@orders:8080#x",
        "Mesh:Services:a:Endpoints:0: 'orders:8080' is not an absolute http or https address")]
    [InlineData("Services:a:Endpoints:0", "joe:se://cret@orders",
        "Mesh:Services:a:Endpoints:0: 'orders' is not an absolute http or https address")]
    [InlineData("Services:a:Endpoints:0", "http://orders/?x=1", "Mesh:Services:a:Endpoints:0: http://orders/ has a query or fragment")]
    [InlineData("Services:a:Endpoints:0", "http://a-1:80,http://a-2:80",
        "Mesh:Services:a:Endpoints:0: holds several addresses. Write each as an entry of its own (Mesh:Services:a:Endpoints:0, ")]
    [InlineData("Discovery:Eureka:ServiceUrls:0", "http://a:8761/eureka/, HTTPS://b:8761/eureka/",
        "Mesh:Discovery:Eureka:ServiceUrls:0: holds several addresses. Write each as an entry of its own")]
    [InlineData("Services:a:Endpoints:0", "http://orders/#x", "Mesh:Services:a:Endpoints:0: http://orders/ has a query or fragment")]
    [InlineData("Services:a:Endpoints:0", "http://joe:secret@orders/", "Mesh:Services:a:Endpoints:0: http://orders/ has a user name")]
    [InlineData("Services:-a:Timeout", "00:00:01", "Mesh:Services:-a: '-a' cannot be a service name")]
    [InlineData("Services:a/b:Timeout", "00:00:01", "Mesh:Services:a/b: 'a/b' cannot be a service name")]
    [InlineData("Services:inventory_\u0130:Timeout", "00:00:01",
        "Mesh:Services:inventory_\u0130: 'inventory_\u0130' cannot be a service name: ASCII letters, digits, '-', '_' and '.', ")]
    [InlineData("Services:a:Endpoints:0", "http://x:0", "Mesh:Services:a:Endpoints:0: http://x:0/ has no valid host name or no port from "
        + "1 to 65535.")]
    [InlineData("Services:a:Endpoints:0", "http://orders:0/",
        "Mesh:Services:a:Endpoints:0: http://orders:0/ has no valid host name or no port from 1 to 65535.")]
    [InlineData("Discovery:Eureka:CaFile", "no-such.pem", "Mesh:Discovery:Eureka:CaFile: there is no file 'no-such.pem'.")]
    [InlineData("Security:Endpoints:AllowedNetworks:0", "10.0.0.0/33",
        "Mesh:Security:Endpoints:AllowedNetworks:0: '10.0.0.0/33' is neither a network")]
    [InlineData("Security:Endpoints:AllowedNetworks:0", "orders",
        "Mesh:Security:Endpoints:AllowedNetworks:0: 'orders' is neither a network")]
    [InlineData("Security:Endpoints:AllowedNetworks:0", "10.1.2.3/8",
        "Mesh:Security:Endpoints:AllowedNetworks:0: '10.1.2.3/8' is neither a network")]
    [InlineData("Inbound:TrustedNetworks:0", "10.1.2.3/8", "Mesh:Inbound:TrustedNetworks:0: '10.1.2.3/8' is not a network")]
    [InlineData("Inbound:TrustedNetworks:0", "fd00::1/8", "Mesh:Inbound:TrustedNetworks:0: 'fd00::1/8' is not a network")]
    [InlineData("Inbound:TrustedNetworks:0", "::ffff:10.1.0.0/104",
        "Mesh:Inbound:TrustedNetworks:0: '::ffff:10.1.0.0/104' is not a network")]
    [InlineData("Security:Endpoints:AllowedHostSuffixes:0", "*.example",
        "Mesh:Security:Endpoints:AllowedHostSuffixes:0: '*.example' is not a DNS suffix")]
    [InlineData("Security:Endpoints:AllowedHostSuffixes:0", ".", "Mesh:Security:Endpoints:AllowedHostSuffixes:0: '.' is not a DNS suffix")]
    [InlineData("Security:Endpoints:AllowedHostSuffixes:0", "10.0.0.1",
        "Mesh:Security:Endpoints:AllowedHostSuffixes:0: '10.0.0.1' is not a DNS suffix")]
    [InlineData("Lifecycle:DrainDelay", "-00:00:01", "Mesh:Lifecycle:DrainDelay: -00:00:01 is out of range")]
    [InlineData("Lifecycle:DrainTimeout", "-00:00:01", "Mesh:Lifecycle:DrainTimeout: -00:00:01 is out of range")]
    public void A_value_out_of_range_is_named(string key, string value, string expected) =>
        Assert.StartsWith(expected, Assert.Single(TestApplication.MistakesOf(One(key, value))), StringComparison.Ordinal);

    [Theory]
    [InlineData("ami-id", "a\\n", "Mesh:Discovery:Eureka:DataCenter:Metadata:ami-id: 'a?' holds control characters")]
    [InlineData("a\\u0007b", "x", "Mesh:Discovery:Eureka:DataCenter:Metadata: 'a?b' holds control characters")]
    public void Metadata_of_the_data_centre_are_lines(string key, string value, string expected) => Assert.StartsWith(
        expected,
        Assert.Single(TestApplication.MistakesOf($$"""
            { "Mesh:Discovery:Eureka:DataCenter:Name": "Amazon", "Mesh:Discovery:Eureka:DataCenter:Metadata:{{key}}": "{{value}}" }
            """)),
        StringComparison.Ordinal);

    [Fact]
    public void Version_and_zone_are_as_long_as_readers_of_the_registry_take()
    {
        var text = new string('a', 5000);
        foreach (var key in new[] { "Service:Zone", "Service:Version" })
        {
            Assert.StartsWith(
                $"Mesh:{key}: 'aaa", Assert.Single(TestApplication.MistakesOf(One(key, text))), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Service:Name", "ORDER_SERVICE-2")]
    [InlineData("Domain", ".mesh.local")]
    [InlineData("Discovery:StartupWait", "00:00:00")]
    [InlineData("Discovery:Eureka:ServiceUrls:0", "https://user:password@registry:8761/eureka/")]
    [InlineData("Discovery:Eureka:LeaseDuration", "00:00:30.001")]
    [InlineData("Discovery:Eureka:IPAddress", "fe80::1")]
    [InlineData("Discovery:Eureka:ZoneServiceUrls:eu-1a:0", "http://user:password@registry:8761/eureka/")]
    [InlineData("Discovery:Eureka:Proxy", "http://me:secret@proxy:3128")]
    [InlineData("Discovery:Eureka:StatusPageUrl", "http://${eureka.hostname}:7001/")]
    [InlineData("Discovery:Eureka:PortEnabled", "false")]
    [InlineData("Security:Endpoints:AllowedNetworks:0", "fd12:3456::/32")]
    [InlineData("Inbound:TrustedNetworks:0", "10.1.2.3/32")]
    [InlineData("Inbound:TrustedNetworks:0", "::ffff:10.0.0.0/104")]
    [InlineData("Inbound:TrustedNetworks:0", "FD00:0::/8")]
    [InlineData("Security:Endpoints:AllowedNetworks:0", "10.1.2.3")]
    [InlineData("Security:Endpoints:AllowedHostSuffixes:0", ".svc.cluster.local")]
    [InlineData("Defaults:Timeout", "-00:00:00.001")]
    [InlineData("Defaults:Timeout", "1.00:00:00")]
    [InlineData("Defaults:BodyIdleTimeout", "-00:00:00.001")]
    [InlineData("Defaults:Retry:MaxRetries", "0")]
    [InlineData("Defaults:Retry:MaxRetries", "10")]
    [InlineData("Defaults:Retry:BudgetRatio", "1")]
    [InlineData("Defaults:OutlierDetection:Statuses:0", "500-504")]
    [InlineData("Defaults:OutlierDetection:PanicThreshold", "0")]
    [InlineData("Defaults:CircuitBreaker:FailureRatio", "1")]
    [InlineData("Defaults:CircuitBreaker:MinimumThroughput", "2")]
    [InlineData("Services:api.github.com:Timeout", "00:00:01")]
    [InlineData("Services:a:Endpoints:0", "https://[::1]:8443/base/path")]
    [InlineData("Lifecycle:DrainDelay", "00:00:00")]
    public void A_value_at_the_edge_of_its_range_is_accepted(string key, string value) =>
        Assert.NotNull(TestApplication.Read(One(key, value)));

    [Fact]
    public void A_registration_without_any_port_is_a_mistake() => Assert.StartsWith(
        "Mesh:Discovery:Eureka:PortEnabled: without a port",
        Assert.Single(
            TestApplication.MistakesOf("""{ "Mesh": { "Discovery": { "Eureka": { "PortEnabled": false, "SecurePortEnabled": false } } } }""")),
        StringComparison.Ordinal);

    [Fact]
    public void An_endpoint_listed_twice_is_a_mistake()
    {
        var mistake = Assert.Single(TestApplication.MistakesOf("""
            { "Mesh": { "Services": { "a": { "Endpoints": ["http://a-1:80/", "http://a-2", "HTTP://A-1"] } } } }
            """));

        Assert.Equal("Mesh:Services:a:Endpoints:2: http://a-1/ is listed twice.", mistake);
    }

    /// <summary>The binder appends to lists, so a second binding adds entries that are nowhere in the configuration. It does not know the
    /// short form.</summary>
    [Fact]
    public void An_endpoint_listed_twice_because_the_section_was_bound_twice_says_so()
    {
        using var application = new TestApplication("""
            { "Mesh": { "Services": { "a": { "Endpoints": [{ "Address": "http://a-1" }, { "Address": "http://a-2" }] } } } }
            """);
        application.Services.Configure<MeshOptions>(application.Configuration.GetSection("Mesh"));
        application.Services.AddMesh();

        var mistakes = Assert.ThrowsAny<OptionsValidationException>(
            () => application.Build().GetRequiredService<ModelInForce>()).Failures;

        const string Why = "is listed twice. The configuration has no such entry: code has added it, or has bound section Mesh once more "
            + "(Configure<MeshOptions>), although AddMesh() binds it itself.";
        Assert.Equal(["Mesh:Services:a:Endpoints:2: http://a-1/ " + Why, "Mesh:Services:a:Endpoints:3: http://a-2/ " + Why], mistakes);
    }

    [Theory]
    [InlineData("""{ "Mesh": { "Services": { "a": { "Endpoints": ["http://a-1", "", "http://a-1"] } } } }""")]
    [InlineData("""{ "Mesh": { "Services": { "a": { "Endpoints": { "3": "http://a-1", "7": { "Address": "http://a-1" } } } } } }""")]
    public void An_endpoint_listed_twice_in_the_configuration_is_the_configurations(string json) => Assert.EndsWith(
        "http://a-1/ is listed twice.", Assert.Single(TestApplication.MistakesOf(json)), StringComparison.Ordinal);

    [Fact]
    public void Endpoints_that_differ_in_port_scheme_or_path_are_not_listed_twice() => Assert.NotNull(TestApplication.Read("""
        { "Mesh": { "Services": { "a": { "Endpoints": ["http://a-1", "https://a-1", "http://a-1:8080", "http://a-1/X", "http://a-1/x"] } } } }
        """));

    [Fact]
    public void An_endpoint_without_an_address_is_a_mistake_in_code() => Assert.Equal(
        2,
        TestApplication.MistakesOf("{}", static mesh => mesh.AddService("a", static service =>
        {
            service.Endpoints.Add("");
            service.Endpoints.Add("  ");
        })).Length);

    [Fact]
    public void AttemptTimeout_above_the_Timeout_of_its_section_is_a_mistake()
    {
        var mistake = Assert.Single(TestApplication.MistakesOf("""
            { "Mesh": { "Services": { "a": { "Timeout": "00:00:01", "AttemptTimeout": "00:00:02" } } } }
            """));

        Assert.Equal("Mesh:Services:a:AttemptTimeout: 00:00:02 is longer than Timeout (00:00:01), so that it never applies.", mistake);
    }

    [Theory]
    [InlineData("""{ "Defaults": { "AttemptTimeout": "00:00:30" } }""",
        "Mesh:Defaults:AttemptTimeout: 00:00:30 is longer than Timeout (00:00:10, the built-in default), so that it never applies.")]
    [InlineData("""{ "Services": { "a": { "AttemptTimeout": "00:00:30" } } }""",
        "Mesh:Services:a:AttemptTimeout: 00:00:30 is longer than Timeout (00:00:10, the built-in default), so that it never applies.")]
    [InlineData("""{ "Defaults": { "Timeout": "00:00:20" }, "Services": { "a": { "AttemptTimeout": "00:00:30" } } }""",
        "Mesh:Services:a:AttemptTimeout: 00:00:30 is longer than Timeout (00:00:20, from the defaults), so that it never applies.")]
    public void AttemptTimeout_is_checked_against_the_Timeout_that_applies(string section, string expected) =>
        Assert.Equal([expected], TestApplication.MistakesOf($$"""{ "Mesh": {{section}} }"""));

    [Theory]
    [InlineData("""{ "AttemptTimeout": "00:00:10" }""", "{ }")]
    [InlineData("""{ "AttemptTimeout": "00:00:30", "Timeout": "-00:00:00.001" }""", "{ }")]
    [InlineData("""{ "Timeout": "-00:00:00.001" }""", """{ "AttemptTimeout": "00:00:30" }""")]
    [InlineData("""{ "Timeout": "00:01:00" }""", """{ "AttemptTimeout": "00:00:30" }""")]
    public void AttemptTimeout_within_the_Timeout_that_applies_is_accepted(string defaults, string service) =>
        Assert.NotNull(TestApplication.Read($$"""{ "Mesh": { "Defaults": {{defaults}}, "Services": { "a": {{service}} } } }"""));

    [Fact]
    public void A_service_may_shorten_its_Timeout_below_the_AttemptTimeout_of_the_defaults() => Assert.NotNull(TestApplication.Read("""
        { "Mesh": { "Defaults": { "AttemptTimeout": "00:00:05" }, "Services": { "a": { "Timeout": "00:00:01" } } } }
        """));

    [Fact]
    public void TlsName_does_not_go_with_what_contradicts_it() => Assert.Equal(
        [
            "Mesh:Services:a:RequireTls: is false, but TlsName is set, which requires TLS.",
            "Mesh:Services:a:HostHeader: Service and TlsName exclude each other: the name in the certificate is the host that requests "
            + "carry.",
            "Mesh:Services:a:Endpoints:0: is an http address, but TlsName is set: it would never be used.",
        ],
        TestApplication.MistakesOf("""
            { "Mesh": { "Services": { "a": { "TlsName": "a.example.com", "RequireTls": false, "HostHeader": "Service", "Endpoints": [ "http://10.0.0.1" ] } } } }
            """));

    [Fact]
    public void TlsName_beside_a_HostHeader_of_the_defaults_is_reported_at_the_key_of_the_service() => Assert.Equal(
        ["Mesh:Services:a:TlsName: it and HostHeader Service, from the defaults, exclude each other: the name in the certificate is the host "
            + "that requests carry."],
        TestApplication.MistakesOf(
            """{ "Mesh": { "Defaults": { "HostHeader": "Service" }, "Services": { "a": { "TlsName": "a.example.com" } } } }"""));

    [Fact]
    public void Ejection_times_are_checked_against_what_the_service_inherits()
    {
        var mistake = Assert.Single(TestApplication.MistakesOf("""
            { "Mesh": { "Defaults": { "OutlierDetection": { "MaxEjectionTime": "00:00:10" } },
                        "Services": { "a": { "OutlierDetection": { "BaseEjectionTime": "00:00:20" } }, "b": { } } } }
            """));

        Assert.Equal("Mesh:Services:a:OutlierDetection: MaxEjectionTime (00:00:10) is shorter than BaseEjectionTime (00:00:20).", mistake);
    }

    [Fact]
    public void Settings_in_code_are_validated_too()
    {
        var mistakes = TestApplication.MistakesOf("{}", mesh => mesh
            .AddService("a", service =>
            {
                service.Endpoints = ["orders"];
                service.HostHeader = (HostHeader)9;
                service.LoadBalancing.Policy = "PeakEwna";
            })
            .Services.AddMesh(options =>
            {
                options.Lifecycle.RegisterWhen = (RegistrationTrigger)9;
                options.Service.Labels[" "] = "x";
                options.Services["b"] = null!;
            }));

        Assert.Equal(
            [
                "Mesh:Lifecycle:RegisterWhen: 9 is none of Ready, Listening, Never.",
                "Mesh:Service:Labels: a label has no name.",
                "Mesh:Services:a:Endpoints:0: 'orders' is not an absolute http or https address, such as http://orders-1:8080.",
                "Mesh:Services:a:HostHeader: 9 is none of Auto, Service, Endpoint.",
                "Mesh:Services:a:LoadBalancing:Policy: 'PeakEwna' is none of Adaptive, LeastRequest, RoundRobin, WeightedRoundRobin, "
                + "PeakEwma, Random. Did you mean 'PeakEwma'?",
                "Mesh:Services:b: was set to null in code. Remove the service instead.",
            ],
            mistakes.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_service_listed_twice_by_case_is_a_mistake()
    {
        var mistake = Assert.Single(TestApplication.MistakesOf("{}", mesh => mesh.Services.AddMesh(options =>
            options.Services = new Dictionary<string, ServiceOptions> { ["a"] = new(), ["A"] = new() })));

        Assert.Equal("Mesh:Services:A: the service is listed twice; case does not matter.", mistake);
    }

    private static string One(string key, string value) => $$"""{ "Mesh:{{key}}": "{{value}}" }""";
}
