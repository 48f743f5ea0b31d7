using System.Text.Json;
using System.Text.RegularExpressions;
using Mesh.Client.Configuration;
using Mesh.Client.Tests.DependencyInjection;
using Mesh.Client.Tests.Docs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Client.Tests.Configuration;

/// <summary>Holds the table of Steeltoe's keys in <c>docs/steeltoe-keys.md</c> against the
/// code, and the code against what it does.</summary>
public sealed partial class SteeltoeKeyTableTests
{
    /// <summary>A value of each key that works, other than its default; with what else has to stand beside it.</summary>
    private static readonly Dictionary<string, string> Samples = new(StringComparer.Ordinal)
    {
        ["Spring:Application:Name"] = """ "Spring:Application:Name": "other" """,
        ["Spring:Cloud:Discovery:Enabled"] = """ "Spring:Cloud:Discovery:Enabled": false """,
        ["Eureka:Client:Enabled"] = """ "Eureka:Client:Enabled": false """,
        ["Eureka:Client:ServiceUrl"] = """ "Eureka:Client:ServiceUrl": "http://other/" """,
        ["Eureka:Client:ServiceUrl:defaultZone"] =
            """ "Eureka:Client:ServiceUrl": null, "Eureka:Client:ServiceUrl:defaultZone": "http://other/" """,
        ["Eureka:Client:ServiceUrl:*"] = """ "Eureka:Client:ServiceUrl:eu-1a": "http://other/" """,
        ["Eureka:Client:EurekaServerServiceUrls"] =
            """ "Eureka:Client:ServiceUrl": null, "Eureka:Client:EurekaServerServiceUrls": "http://other/" """,
        ["Eureka:Client:PreferSameZoneEureka"] = """ "Eureka:Client:PreferSameZoneEureka": false """,
        ["Eureka:Client:ShouldFetchRegistry"] = """ "Eureka:Client:ShouldFetchRegistry": false """,
        ["Eureka:Client:ShouldRegisterWithEureka"] = """ "Eureka:Client:ShouldRegisterWithEureka": false """,
        ["Eureka:Client:ShouldDisableDelta"] = """ "Eureka:Client:ShouldDisableDelta": true """,
        ["Eureka:Client:RegistryFetchIntervalSeconds"] = """ "Eureka:Client:RegistryFetchIntervalSeconds": 7 """,
        ["Eureka:Client:RegistryRefreshSingleVipAddress"] = """ "Eureka:Client:RegistryRefreshSingleVipAddress": "orders" """,
        ["Eureka:Client:EurekaServer:ConnectTimeoutSeconds"] = """ "Eureka:Client:EurekaServer:ConnectTimeoutSeconds": 7 """,
        ["Eureka:Client:EurekaServerConnectTimeoutSeconds"] = """ "Eureka:Client:EurekaServerConnectTimeoutSeconds": 7 """,
        ["Eureka:Client:EurekaServer:ProxyHost"] = """ "Eureka:Client:EurekaServer:ProxyHost": "other" """,
        ["Eureka:Client:EurekaServer:ProxyPort"] =
            """ "Eureka:Client:EurekaServer:ProxyHost": "proxy", "Eureka:Client:EurekaServer:ProxyPort": 7 """,
        ["Eureka:Client:EurekaServer:ProxyUserName"] =
            """ "Eureka:Client:EurekaServer:ProxyHost": "proxy", "Eureka:Client:EurekaServer:ProxyUserName": "me" """,
        ["Eureka:Client:EurekaServer:ProxyPassword"] =
            """ "Eureka:Client:EurekaServer:ProxyHost": "proxy", "Eureka:Client:EurekaServer:ProxyUserName": "me", "Eureka:Client:EurekaServer:ProxyPassword": "p" """,
        ["Eureka:Client:Health:CheckEnabled"] = """ "Eureka:Client:Health:CheckEnabled": false """,
        ["Eureka:Client:ProxyPort"] = """ "Eureka:Client:ProxyHost": "proxy", "Eureka:Client:ProxyPort": 7 """,
        ["Eureka:Client:ProxyUserName"] = """ "Eureka:Client:ProxyHost": "proxy", "Eureka:Client:ProxyUserName": "me" """,
        ["Eureka:Client:ProxyPassword"] = """ "Eureka:Client:ProxyHost": "proxy", "Eureka:Client:ProxyUserName": "me", "Eureka:Client:ProxyPassword": "p" """,
        ["Eureka:Client:HealthCheckEnabled"] = """ "Eureka:Client:HealthCheckEnabled": false """,
        ["Eureka:Instance:PreferIPAddress"] = """ "Eureka:Instance:PreferIPAddress": true """,
        ["Eureka:Instance:Port"] = """ "Eureka:Instance:Port": 7 """,
        ["Eureka:Instance:NonSecurePort"] = """ "Eureka:Instance:NonSecurePort": 7 """,
        ["Eureka:Instance:NonSecurePortEnabled"] = """ "Eureka:Instance:NonSecurePortEnabled": true """,
        ["Eureka:Instance:IsNonSecurePortEnabled"] = """ "Eureka:Instance:IsNonSecurePortEnabled": true """,
        ["Eureka:Instance:SecurePort"] = """ "Eureka:Instance:SecurePort": 7 """,
        ["Eureka:Instance:SecurePortEnabled"] = """ "Eureka:Instance:SecurePortEnabled": true """,
        ["Eureka:Instance:IPAddress"] = """ "Eureka:Instance:IPAddress": "10.0.0.7" """,
        ["Eureka:Instance:LeaseRenewalIntervalInSeconds"] = """ "Eureka:Instance:LeaseRenewalIntervalInSeconds": 7 """,
        ["Eureka:Instance:LeaseExpirationDurationInSeconds"] = """ "Eureka:Instance:LeaseExpirationDurationInSeconds": 77 """,
        ["Eureka:Instance:MetadataMap:*"] = """ "Eureka:Instance:MetadataMap:color": "blue" """,
        ["Eureka:Instance:DataCenterInfo:Name"] = """ "Eureka:Instance:DataCenterInfo:Name": "Amazon" """,
        ["Eureka:Instance:InstanceEnabledOnInit"] = """ "Eureka:Instance:InstanceEnabledOnInit": false """,
        ["Eureka:Instance:IsInstanceEnabledOnInit"] = """ "Eureka:Instance:IsInstanceEnabledOnInit": false """,
    };

    private readonly string _page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "steeltoe-keys.md"));

    public static TheoryData<string> Keys(string effect) =>
        [.. SteeltoeKeyTable.All.Where(key => key.Effect == Enum.Parse<SteeltoeEffect>(effect)).Select(key => key.Path)];

    [Fact]
    public void Page_has_every_key_with_what_becomes_of_it_and_no_other()
    {
        var rows = Rows().Matches(_page).Select(row => $"{row.Groups["key"].Value} {row.Groups["effect"].Value}");

        Assert.Equal(
            SteeltoeKeyTable.All.Select(key => $"{key.Path} {Word(key.Effect)}").Order(StringComparer.Ordinal),
            rows.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Page_names_the_own_key_of_each_that_works() => Assert.All(
        Rows().Matches(_page).Where(row => row.Groups["effect"].Value == "works"),
        row => Assert.Contains($"`{SteeltoeKeyTable.All.Single(key => key.Path == row.Groups["key"].Value).Says}`",
            row.Groups["text"].Value, StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Keys), "Works")]
    public void Key_that_works_changes_the_settings(string key)
    {
        var sample = Samples.GetValueOrDefault(key) ?? $"\"{key}\": \"other\"";

        Assert.NotEqual(Settings(Without(key)), Settings(sample));
    }

    [Theory]
    [MemberData(nameof(Keys), "NoEffect")]
    public async Task Key_without_effect_changes_nothing_and_is_logged_once_with_the_reason(string key)
    {
        var entry = SteeltoeKeyTable.All.Single(known => known.Path == key);
        var value = Array.Find(["true", "false", "7", "/secret"], entry.IsConcerned)!;
        Assert.Equal(Settings(""), Settings($"\"{key}\": \"{value}\""));

        using var application = new TestApplication($$"""{ "{{key}}": "{{value}}" }""");
        var report = ReportOf(application);
        await report.StartAsync(TestContext.Current.CancellationToken);
        application.Edit($$"""{ "{{key}}": "{{value}}", "Mesh:Domain": "mesh.local" }""");

        var record = Assert.Single(application.Log.GetSnapshot(), record => record.Id.Id == 104);
        Assert.Equal(LogLevel.Warning, record.Level);
        Assert.Equal($"{key} has no effect on the mesh: {entry.Says}.", record.Message);
    }

    [Theory]
    [InlineData("Validate_Certificates", "true")]
    [InlineData("ShouldFilterOnlyUpInstances", "True")]
    [InlineData("EurekaServer:ShouldGZipContent", "true")]
    public void Key_that_asks_for_what_happens_anyway_is_not_mentioned(string key, string value)
    {
        using var application = new TestApplication($$"""{ "Eureka:Client:{{key}}": "{{value}}" }""");
        _ = ReportOf(application);

        Assert.DoesNotContain(104, application.EventIds());
    }

    [Theory]
    [InlineData("Eureka:Client:AccessTokenUri", "http://uaa/token")]
    [InlineData("Eureka:Instance:RegistrationMethod", "route")]
    [InlineData("Spring:Cloud:Discovery:RegistrationMethod", "direct")]
    public void Key_that_is_refused_says_what_to_use_instead(string key, string value)
    {
        var entry = SteeltoeKeyTable.All.Single(known => known.Path == key && known.Effect == SteeltoeEffect.Refused);

        Assert.Equal(
            [$"{key}: {entry.Says}."],
            TestApplication.MistakesOf($$"""{ "Eureka:Client:ServiceUrl": "http://a/", "{{key}}": "{{value}}" }"""));

        // Of no consequence where the registry is another one, or none.
        TestApplication.Read($$"""{ "Mesh:Discovery:Eureka:ServiceUrls:0": "http://a/", "{{key}}": "{{value}}" }""");
        TestApplication.Read($$"""{ "Eureka:Client:Enabled": false, "Eureka:Client:ServiceUrl": "http://a/", "{{key}}": "{{value}}" }""");
    }

    [Fact]
    public void Registration_by_host_name_is_what_the_mesh_does() =>
        TestApplication.Read(
            """{ "Eureka:Client:ServiceUrl": "http://a/", "Eureka:Instance:RegistrationMethod": "hostname", "Spring:Cloud:Discovery:RegistrationMethod": "route" }""");

    [Fact]
    public void Password_of_the_proxy_is_escaped() => Assert.Equal(
        "http://me:p%40ss@proxy:3128",
        TestApplication.Read("""
            { "Eureka:Client:EurekaServer": { "ProxyHost": "proxy", "ProxyPort": 3128, "ProxyUserName": "me", "ProxyPassword": "p@ss" } }
            """).Discovery.Eureka.Proxy);

    [Theory]
    [InlineData("""{ "NonSecurePortEnabled": false, "SecurePortEnabled": false }""", null, null)]
    [InlineData("""{ "NonSecurePortEnabled": true, "SecurePortEnabled": false }""", true, null)]
    [InlineData("""{ "SecurePort": 8443, "NonSecurePortEnabled": false, "SecurePortEnabled": true }""", false, true)]
    public void Switches_of_ports_count_as_they_do_in_Steeltoe(string instance, bool? plain, bool? secure)
    {
        var eureka = TestApplication.Read($$"""{ "Eureka": { "Instance": {{instance}} } }""").Discovery.Eureka;

        Assert.Equal(plain, eureka.PortEnabled);
        Assert.Equal(secure, eureka.SecurePortEnabled);
    }

    private static SteeltoeReport ReportOf(TestApplication application)
    {
        application.Services.AddSingleton<IHostApplicationLifetime>(new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance));
        application.Services.AddMesh();
        return application.Build().GetServices<IHostedService>().OfType<SteeltoeReport>().Single();
    }

    private static string Word(SteeltoeEffect effect) => effect switch
    {
        SteeltoeEffect.Works => "works",
        SteeltoeEffect.NoEffect => "no effect",
        _ => "refused",
    };

    /// <summary>What has to stand there for the key to have something to change.</summary>
    private static string Without(string key) => key switch
    {
        "Eureka:Client:EurekaServer:ProxyPort" or "Eureka:Client:EurekaServer:ProxyUserName" => """ "Eureka:Client:EurekaServer:ProxyHost": "proxy" """,
        "Eureka:Client:EurekaServer:ProxyPassword" => """ "Eureka:Client:EurekaServer:ProxyHost": "proxy", "Eureka:Client:EurekaServer:ProxyUserName": "me" """,
        "Eureka:Client:ProxyPort" or "Eureka:Client:ProxyUserName" => """ "Eureka:Client:ProxyHost": "proxy" """,
        "Eureka:Client:ProxyPassword" => """ "Eureka:Client:ProxyHost": "proxy", "Eureka:Client:ProxyUserName": "me" """,
        "Eureka:Client:ServiceUrl:defaultZone" or "Eureka:Client:EurekaServerServiceUrls" => """ "Eureka:Client:ServiceUrl": null """,
        _ => "",
    };

    private static string Settings(string keys)
    {
        var url = keys.Contains("\"Eureka:Client:ServiceUrl\"", StringComparison.Ordinal)
            ? ""
            : "\"Eureka:Client:ServiceUrl\": \"http://registry/\"";
        var separator = url.Length > 0 && keys.Length > 0 ? "," : "";
        return JsonSerializer.Serialize(TestApplication.Read($"{{ {url}{separator}{keys} }}"));
    }

    [GeneratedRegex(@"^\| `(?<key>(Eureka|Spring|Certificates):[^`]+)` \| (?<effect>works|no effect|refused) \| (?<text>[^\n]*) \|$",
        RegexOptions.Multiline)]
    private static partial Regex Rows();
}
