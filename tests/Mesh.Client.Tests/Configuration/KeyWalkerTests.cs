using Mesh.Client.Configuration;
using Mesh.Client.Tests.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Configuration;

public sealed class KeyWalkerTests
{
    [Theory]
    [InlineData("""{ "Services": { "payments": { "Timeuot": "00:00:01" } } }""",
        "Mesh:Services:payments:Timeuot is not a setting. Did you mean 'Timeout'?")]
    [InlineData("""{ "Timeout": "00:00:01" }""", "Mesh:Timeout is not a setting. Did you mean 'Mesh:Defaults:Timeout'?")]
    [InlineData("""{ "Endpoints": ["http://a"] }""", "Mesh:Endpoints is not a setting. Did you mean 'Mesh:Services:<name>:Endpoints'?")]
    [InlineData("""{ "Defaults": { "Endpoins": ["http://a"] } }""", "Mesh:Defaults:Endpoins is not a setting. Did you mean 'Mesh:Services:<name>:Endpoints'?")]
    [InlineData("""{ "Service": { "catalog": { "Endpoints": ["http://a"] } } }""", "Mesh:Service:catalog is not a setting. Did you mean 'Mesh:Services:catalog'?")]
    [InlineData("""{ "Service": { "catalog": "http://a" } }""", "Mesh:Service:catalog is not a setting. Known here: Name, Version, Zone, Labels.")]
    [InlineData("""{ "Services": { "catalog": ["http://a", "http://b"] } }""", "Mesh:Services:catalog is a list, but a section is expected. Did you mean 'Mesh:Services:catalog:Endpoints'?")]
    [InlineData("""{ "Discovery": { "Eureka": ["http://a"] } }""", "Mesh:Discovery:Eureka is a list, but a section is expected. Did you mean 'Mesh:Discovery:Eureka:ServiceUrls'?")]
    [InlineData("""{ "Defaults": { "Retry": [3] } }""", "Mesh:Defaults:Retry is a list, but a section with the keys MaxRetries, BudgetRatio is expected.")]
    [InlineData("""{ "Defaults": { "ServiceUrls": ["http://a"] } }""", "Mesh:Defaults:ServiceUrls is not a setting. Did you mean 'Mesh:Discovery:Eureka:ServiceUrls'?")]
    [InlineData("""{ "Defaults": { "Retry": { "Xyzzy": 1 } } }""", "Mesh:Defaults:Retry:Xyzzy is not a setting. Known here: MaxRetries, BudgetRatio.")]
    [InlineData("""{ "Defaults": { "Retry": { "Enabled": false } } }""", "Mesh:Defaults:Retry:Enabled is not a setting. Known here: MaxRetries, BudgetRatio.")]
    [InlineData("""{ "Defaults": { "Retry": 3 } }""", "Mesh:Defaults:Retry is a single value, but a section with the keys MaxRetries, BudgetRatio is expected.")]
    [InlineData("""{ "Services": "payments" }""", "Mesh:Services is a single value, but a section of names, each with a section, is expected.")]
    [InlineData("""{ "Services": ["payments"] }""", "Mesh:Services:0 is an entry of a list, but Mesh:Services is a section of names: write { \"name\": … } (a name may not be digits only).")]
    [InlineData("""{ "Services": [{ "Endpoints": ["http://x"], "Timeout": "soon" }] }""", "Mesh:Services:0 is an entry of a list, but Mesh:Services is a section of names: write { \"name\": … } (a name may not be digits only).")]
    [InlineData("""{ "Service": { "Labels": "tenant" } }""", "Mesh:Service:Labels is a single value, but a section of names, each with a text, is expected.")]
    [InlineData("""{ "Service": { "Labels": { "tenant": { "name": "acme" } } } }""", "Mesh:Service:Labels:tenant is a section, but a text is expected.")]
    [InlineData("""{ "Services": { "a": { "Endpoints": "http://a-1" } } }""", "Mesh:Services:a:Endpoints is a single value, but a list is expected: write [ \"…\" ], or Mesh:Services:a:Endpoints:0 as a single key.")]
    [InlineData("""{ "Services": { "a": { "Endpoints": { "first": "http://a-1" } } } }""", "Mesh:Services:a:Endpoints:first is a named key, but Mesh:Services:a:Endpoints is a list: write [ \"…\" ], or Mesh:Services:a:Endpoints:0 as a single key.")]
    [InlineData("""{ "Defaults": { "Timeout": { "Seconds": 3 } } }""", "Mesh:Defaults:Timeout is a section, but a duration is expected.")]
    [InlineData("""{ "Defaults": { "Timeout": 30 } }""", "Mesh:Defaults:Timeout: '30' would be 30 days. Write 00:00:30 for 30 seconds.")]
    [InlineData("""{ "Defaults": { "Timeout": -1 } }""", "Mesh:Defaults:Timeout: '-1' would be -1 days. Write -00:00:00.001 for no "
        + "timeout.")]
    [InlineData("""{ "Defaults": { "BodyIdleTimeout": "-1ms" } }""",
        "Mesh:Defaults:BodyIdleTimeout: '-1ms' is not a duration. Write -00:00:00.001 for no timeout.")]
    [InlineData("""{ "Defaults": { "ConnectTimeout": -1 } }""",
        "Mesh:Defaults:ConnectTimeout: '-1' would be -1 days. Write hours:minutes:seconds, such as 00:00:30 or 00:00:00.250.")]
    [InlineData("""{ "Defaults": { "Timeout": "24:00:00" } }""",
        "Mesh:Defaults:Timeout: '24:00:00' would be 24 days. From 24 hours on, write days.hours:minutes:seconds, such as 1.00:00:00.")]
    [InlineData("""{ "Defaults": { "Timeout": "250ms" } }""", "Mesh:Defaults:Timeout: '250ms' is not a duration. Write 00:00:00.250.")]
    [InlineData("""{ "Defaults": { "Timeout": "1.5 min" } }""", "Mesh:Defaults:Timeout: '1.5 min' is not a duration. Write 00:01:30.")]
    [InlineData("""{ "Defaults": { "Timeout": "soon" } }""",
        "Mesh:Defaults:Timeout: 'soon' is not a duration. Write hours:minutes:seconds, such as 00:00:30 or 00:00:00.250.")]
    [InlineData("""{ "Defaults": { "Retry": { "MaxRetries": "2.5" } } }""", "Mesh:Defaults:Retry:MaxRetries: '2.5' is not a whole number.")]
    [InlineData("""{ "Defaults": { "Retry": { "BudgetRatio": "0,2" } } }""",
        "Mesh:Defaults:Retry:BudgetRatio: '0,2' is not a number (decimals are written with a point).")]
    [InlineData("""{ "Telemetry": { "PerEndpointTags": "yes" } }""", "Mesh:Telemetry:PerEndpointTags: 'yes' is neither true nor false.")]
    public void A_mistake_is_named_with_its_key_and_a_way_out(string section, string expected) =>
        Assert.Equal([expected], TestApplication.MistakesOf($$"""{ "Mesh": {{section}} }"""));

    [Fact]
    public void A_value_for_the_whole_section_is_a_mistake()
    {
        var mistake = Assert.Single(TestApplication.MistakesOf("""{ "Mesh": "on" }"""));

        Assert.Equal("Mesh is a single value, but a section with the keys Enabled, StackedHandlers, Service, Domain, Discovery, Defaults, "
            + "Services, Override, Context, Inbound, Lifecycle, Security, Telemetry, Registry is expected.", mistake);
    }

    [Theory]
    [InlineData("""{ "Mesh": "" }""")]
    [InlineData("""{ "Mesh": [] }""")]
    [InlineData("""{ "Mesh": null }""")]
    [InlineData("""{ "Mesh": { "Services": [], "Defaults": "", "Discovery": { "Eureka": [] } } }""")]
    public void An_empty_value_for_a_section_is_not_set(string json) => Assert.Empty(TestApplication.Read(json).Services);

    [Theory]
    [InlineData("{ }")]
    [InlineData("[]")]
    [InlineData("\"\"")]
    [InlineData("null")]
    public void A_service_without_settings_is_a_service(string value) =>
        Assert.Equal(["payments"], TestApplication.Read($$"""{ "Mesh": { "Services": { "payments": {{value}} } } }""").Services.Keys);

    [Fact]
    public void All_mistakes_are_reported_at_once_keys_ranges_and_rules()
    {
        var mistakes = TestApplication.MistakesOf("""
            { "Mesh": {
                "Defaults": { "Timeout": "soon", "ConnectTimeout": "-00:00:05", "Retry": { "MaxRetries": 99, "BudgetRatio": "much" } },
                "Servics": { "payments": { } },
                "Services": { "payments": { "Timeuot": "00:00:03", "CircuitBreaker": { "MinimumThroughput": 1 } } } } }
            """);

        Assert.Equal(
            [
                "Mesh:Defaults:ConnectTimeout: -00:00:05 is out of range, 00:00:00.0010000 to 1.00:00:00.",
                "Mesh:Defaults:Retry:BudgetRatio: 'much' is not a number (decimals are written with a point).",
                "Mesh:Defaults:Retry:MaxRetries: 99 is out of range, 0 to 10.",
                "Mesh:Defaults:Timeout: 'soon' is not a duration. Write hours:minutes:seconds, such as 00:00:30 or 00:00:00.250.",
                "Mesh:Services:payments:CircuitBreaker:MinimumThroughput: 1 is out of range, 2 or more.",
                "Mesh:Services:payments:Timeuot is not a setting. Did you mean 'Timeout'?",
                "Mesh:Servics is not a setting. Did you mean 'Service' or 'Services'?",
            ],
            mistakes.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Keys_of_an_embedded_registry_are_left_to_it() =>
        Assert.Equal(
            ["Mesh:Regstry is not a setting. Did you mean 'Registry'?"],
            TestApplication.MistakesOf("""{ "Mesh": { "Regstry": { "A": 1 }, "Registry": { "EvictionInterval": "00:00:01", "Whatever": { "Else": 1 } } } }"""));

    [Fact]
    public void Keys_of_a_further_package_are_known()
    {
        const string Json = """{ "Mesh": { "Discovery": { "Consul": { "Adress": "x", "Wait": "00:05:00" } } } }""";

        var mistake = Assert.Single(TestApplication.MistakesOf(Json, mesh => mesh.Services.AddSingleton<IKnownKeys, ConsulKeys>()));

        Assert.Equal("Mesh:Discovery:Consul:Adress is not a setting. Did you mean 'Address'?", mistake);
    }

    private sealed class ConsulKeys : IKnownKeys
    {
        public string Path => "Discovery:Consul";

        public KeySchema Schema { get; } = KeySchema.Section(("Address", KeySchema.Text), ("Wait", KeySchema.Duration));
    }
}
