using Mesh.Client.Configuration;

namespace Mesh.Client.Tests.Configuration;

/// <summary>What a changed configuration is said to have changed.</summary>
public sealed class WrittenSettingsTests
{
    [Theory]
    [InlineData("Services:catalog:Timeout=1", "Services:catalog:Timeout=2", "service 'catalog'")]
    [InlineData("Services:catalog:Endpoints:0=a", "", "service 'catalog'")]
    [InlineData("Services:b:Timeout=1", "Services:a:Timeout=1;Services:b:Retry:MaxRetries=0", "services 'a', 'b'")]
    [InlineData("Defaults:Timeout=1", "Defaults:Timeout=2;Services:a:Timeout=1", "service 'a'; Mesh:Defaults")]
    [InlineData("Discovery:Eureka:Fetch=true", "Discovery:Eureka:Fetch=false;Lifecycle:DrainDelay=1",
        "Mesh:Discovery:Eureka, Mesh:Lifecycle")]
    [InlineData("", "Discovery:StartupWait=1;Domain=x", "Mesh:Discovery:StartupWait, Mesh:Domain")]
    [InlineData("Enabled=true", "Enabled=TRUE", "Mesh:Enabled")]
    public void ChangesTo_names_services_and_sections_and_no_values(string before, string after, string expected) =>
        Assert.Equal(expected, Settings(before).ChangesTo(Settings(after)));

    [Fact]
    public void ChangesTo_names_the_keys_of_others()
    {
        var before = new WrittenSettings("Mesh", []);
        var after = new WrittenSettings("Mesh", [KeyValuePair.Create<string, string?>("Eureka:Client:ServiceUrl", "http://user:secret@x")]);

        Assert.Equal("Eureka:Client:ServiceUrl", before.ChangesTo(after));
    }

    [Fact]
    public void ChangesTo_cuts_long_lists()
    {
        var after = Settings(string.Join(';', Enumerable.Range(100, 30).Select(static i => $"Services:s{i}:Timeout=1")));

        Assert.EndsWith("'s119' and 10 more", Settings("").ChangesTo(after), StringComparison.Ordinal);
    }

    private static WrittenSettings Settings(string pairs) => new(
        "Mesh",
        pairs.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(static pair => pair.Split('='))
            .Select(static pair => KeyValuePair.Create<string, string?>("Mesh:" + pair[0], pair[1])));
}
