using System.Reflection;
using Mesh.Client.Model;
using Mesh.Client.Options;

namespace Mesh.Client.Tests.Model;

/// <summary>The table of a service's settings, and the rules by which several that say something are merged.</summary>
public sealed class ServiceSettingTests
{
    private static readonly string[] Protecting =
    [
        "HostHeader", "RequireTls", "TlsName", "SendContext", "Credentials:Mode", "Credentials:Audience", "Credentials:MissingUser",
        "Credentials:AllowInsecureTransport", "Credentials:MinimumLifetime", "Credentials:MaxTokenBytes",
    ];

    [Fact]
    public void All_settings_of_the_options_are_in_the_table_in_their_order() =>
        Assert.Equal(Keys(typeof(ServiceOptions), string.Empty), ServiceSetting.All.Select(static setting => setting.Key));

    [Fact]
    public void Each_setting_is_taken_over_and_no_other()
    {
        foreach (var setting in ServiceSetting.All)
        {
            var options = new ServiceOptions();
            Set(options, setting.Key);
            Assert.NotNull(setting.Of(options));
            Assert.Equal([setting.Key], Said(options));
            Assert.Equal([setting.Key], Said(ServiceSetting.Merge([Layer(options)], null)));
            Assert.Equal([setting.Key], Said(ServiceSetting.Copy(options)!));
        }

        Assert.Null(ServiceSetting.Copy(new ServiceOptions()));
    }

    [Fact]
    public void Those_that_protect_are_known() =>
        Assert.Equal(Protecting, ServiceSetting.All.Where(static setting => setting.Protects).Select(static setting => setting.Key));

    [Theory]
    [InlineData(MeshSourceRank.Registry, MeshSourceRank.Configuration)]
    [InlineData(MeshSourceRank.Configuration, MeshSourceRank.ControlPlane)]
    [InlineData(MeshSourceRank.ControlPlane, MeshSourceRank.RunTime)]
    [InlineData(MeshSourceRank.RunTime, MeshSourceRank.Override)]
    public void Higher_rank_decides_each_setting_for_itself(MeshSourceRank low, MeshSourceRank high)
    {
        var lower = new ServiceOptions { Timeout = TimeSpan.FromSeconds(1), ConnectTimeout = TimeSpan.FromSeconds(2) };
        var higher = new ServiceOptions { Timeout = TimeSpan.FromSeconds(3), Retry = { MaxRetries = 4 } };

        var merged = ServiceSetting.Merge(SettingsLayer.InOrder([Layer(lower, low), Layer(higher, high)]), null);

        Assert.Equal(
            (TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(2), 4), (merged.Timeout, merged.ConnectTimeout, merged.Retry.MaxRetries));
    }

    /// <summary>Each value that a remote source may say, beside what the operator says.</summary>
    [Theory]
    [InlineData("RequireTls", true, null, true)]
    [InlineData("RequireTls", true, false, true)]
    [InlineData("RequireTls", false, true, false)]
    [InlineData("SendContext", false, true, true)]
    [InlineData("SendContext", true, false, false)]
    [InlineData("TlsName", "a.example", null, true)]
    [InlineData("TlsName", "a.example", "b.example", false)]
    [InlineData("HostHeader", HostHeader.Service, null, false)]
    [InlineData("Credentials:Mode", CredentialMode.None, CredentialMode.Propagate, true)]
    [InlineData("Credentials:Mode", CredentialMode.Propagate, CredentialMode.None, false)]
    [InlineData("Credentials:Mode", CredentialMode.Propagate, null, false)]
    [InlineData("Credentials:Audience", "mine", null, false)]
    [InlineData("Credentials:MissingUser", MissingUserBehavior.Fail, MissingUserBehavior.Anonymous, true)]
    [InlineData("Credentials:MissingUser", MissingUserBehavior.Anonymous, null, false)]
    [InlineData("Credentials:AllowInsecureTransport", false, true, true)]
    [InlineData("Credentials:AllowInsecureTransport", true, null, false)]
    [InlineData("Credentials:MaxTokenBytes", 4096, null, true)]
    [InlineData("Credentials:MaxTokenBytes", 8192, null, true)]
    [InlineData("Credentials:MaxTokenBytes", 8193, null, false)]
    [InlineData("Credentials:MaxTokenBytes", 4096, 2048, false)]
    [InlineData("Credentials:MinimumLifetime", 6, null, true)]
    [InlineData("Credentials:MinimumLifetime", 5, null, true)]
    [InlineData("Credentials:MinimumLifetime", 4, null, false)]
    [InlineData("Credentials:MinimumLifetime", 6, 7, false)]
    public void Remote_source_makes_what_protects_stricter_and_never_looser(string key, object said, object? own, bool counts)
    {
        var setting = ServiceSetting.All.Single(setting => setting.Key == key);
        foreach (var rank in (MeshSourceRank[])[MeshSourceRank.Registry, MeshSourceRank.ControlPlane, MeshSourceRank.RunTime])
        {
            // The operator may say it of the service, of all services, or in an override.
            foreach (var place in (string[])["service", "defaults", "override"])
            {
                var remote = new ServiceOptions();
                Set(remote, key, said);
                var local = new ServiceOptions();
                if (own is not null)
                {
                    Set(local, key, own);
                }

                var localRank = place == "override" ? MeshSourceRank.Override : MeshSourceRank.Configuration;
                SettingsLayer[] layers = place == "defaults"
                    ? [Layer(remote, rank)] : SettingsLayer.InOrder([Layer(remote, rank), Layer(local, localRank)]);

                var merged = setting.Of(ServiceSetting.Merge(layers, place == "defaults" ? local : new ServiceOptions()));

                // Above the operator's configuration it decides; below it, or below an override, it is only heard where they are silent.
                var heard = counts && (own is null || place == "defaults" || rank > localRank);
                var expected = heard ? setting.Of(remote) : place == "defaults" ? null : setting.Of(local);
                Assert.Equal(expected, merged);
            }
        }
    }

    [Fact]
    public void Copy_does_not_follow_its_original()
    {
        var options = new ServiceOptions { Timeout = TimeSpan.FromSeconds(1), OutlierDetection = { Statuses = ["503"] } };
        var copy = ServiceSetting.Copy(options)!;

        options.Timeout = TimeSpan.FromSeconds(2);
        options.OutlierDetection.Statuses.Add("504");

        Assert.Equal(TimeSpan.FromSeconds(1), copy.Timeout);
        Assert.Equal(["503"], copy.OutlierDetection.Statuses);
    }

    private static SettingsLayer Layer(ServiceOptions options, MeshSourceRank rank = MeshSourceRank.Configuration) =>
        new(rank.ToString(), rank, options);

    private static string[] Said(ServiceOptions options) =>
        [.. ServiceSetting.All.Where(setting => setting.Of(options) is not null).Select(static setting => setting.Key)];

    private static IEnumerable<string> Keys(Type type, string path) => type.GetProperties().SelectMany(property =>
        property.PropertyType.Namespace == typeof(ServiceOptions).Namespace && property.PropertyType.IsClass
            ? Keys(property.PropertyType, $"{path}{property.Name}:")
            : [path + property.Name]);

    private static void Set(ServiceOptions options, string key, object? value = null)
    {
        object target = options;
        var parts = key.Split(':');
        foreach (var part in parts[..^1])
        {
            target = target.GetType().GetProperty(part)!.GetValue(target)!;
        }

        var property = target.GetType().GetProperty(parts[^1], BindingFlags.Public | BindingFlags.Instance)!;
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        property.SetValue(target, type == typeof(TimeSpan) ? TimeSpan.FromSeconds((int?)value ?? 7)
            : value ?? (type == typeof(string) ? "text"
                : type == typeof(IList<string>) ? new List<string> { "503" }
                : type == typeof(IList<EndpointOptions>) ? new List<EndpointOptions> { "http://a" }
                : type == typeof(IDictionary<string, RouteOptions>)
                    ? new Dictionary<string, RouteOptions> { ["a"] = new() { Matches = [new() { Path = "/" }] } }
                : Activator.CreateInstance(type)));
    }
}
