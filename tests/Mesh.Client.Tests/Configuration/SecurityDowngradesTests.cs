using System.Diagnostics.Metrics;
using System.Reflection;
using Mesh.Client.Configuration;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Mesh.Client.Tests.Configuration;

/// <summary>T42: no setting lowers security by default, and none does so silently.</summary>
public sealed class LoweredSecurityTests
{
    /// <summary>Switches that were looked at and cannot lower security, whichever way they stand. A new switch belongs here or in
    /// <see cref="SecurityDowngrades.Settings"/>.</summary>
    private static readonly string[] Harmless =
    [
        "Discovery:Eureka:PreferSameZone",
        "Discovery:Eureka:Fetch",
        "Discovery:Eureka:Delta",
        "Discovery:Eureka:Register",
        "Enabled",
        "Discovery:Eureka:PreferIPAddress",
        "Discovery:Eureka:CallByIPAddress",
        "Discovery:Eureka:PreferSecurePort",
        "Discovery:Eureka:PortEnabled",
        "Discovery:Eureka:SecurePortEnabled",
        "Discovery:Eureka:UpAtStart",
        "Discovery:Eureka:Health:Enabled",
        "Services:*:LoadBalancing:ZoneAware",
        "Services:*:OutlierDetection:Enabled",
        "Services:*:CircuitBreaker:Enabled",
        "Services:*:RequireTls",
        "Services:*:SendContext",
        "Telemetry:PerEndpointTags",
        "Telemetry:AccessLog",
    ];

    [Fact]
    public void Setting_that_lowers_security_counts_only_while_the_mesh_is_on()
    {
        const string Lowered = """ "Security": { "Endpoints": { "AllowLoopback": true } } """;
        using var application = new DependencyInjection.TestApplication($$"""{ "Mesh": { "Enabled": false, {{Lowered}} } }""");
        application.Services.AddMesh();
        var security = application.Build().GetRequiredService<SecurityDowngrades>();
        Assert.Empty(security.Current);
        Assert.DoesNotContain(1710, application.EventIds());

        application.Edit($$"""{ "Mesh": { {{Lowered}} } }""");

        Assert.Single(security.Current);
        Assert.Single(application.EventIds(), 1710);
    }

    [Fact]
    public void Public_options_every_switch_is_known_to_be_harmless_or_warns()
    {
        var switches = Keys(typeof(MeshOptions), string.Empty)
            // The same settings once more, with their own test.
            .Where(key => !key.Path.StartsWith("Override:", StringComparison.Ordinal))
            .Where(key => key.IsSwitch || SoundsLowering(key.Path))
            .Select(key => key.Path)
            .Distinct()
            .Order()
            .ToArray();

        Assert.Equal(
            Harmless.Concat(Lowering().Select(lowering => lowering.Key).Where(key => key != "Services:*:Credentials:Mode")).Order(),
            switches);
    }

    [Fact]
    public void Public_options_none_lowers_security_by_default() =>
        Assert.All(SecurityDowngrades.Settings, setting => Assert.Empty(setting.Find(new MeshModel(new MeshOptions(), 1), true)));

    [Fact]
    public void Public_options_none_turns_the_check_of_certificates_off() =>
        Assert.DoesNotContain(
            Keys(typeof(MeshOptions), string.Empty).Select(key => key.Path),
            path => new[] { "Validat", "Verif", "Dangerous", "AcceptAny", "SkipCert", "TrustAll", "IgnoreCert" }.Any(word =>
                path.Contains(word, StringComparison.OrdinalIgnoreCase)));

    [Fact]
    public void Lowered_setting_is_warned_of_once_per_start_and_shown_in_the_gauge()
    {
        foreach (var (key, lower) in Lowering())
        {
            using var mesh = new MeshFixture(lower);
            using var gauge = new MetricCollector<int>(
                mesh.Provider.GetRequiredService<IMeterFactory>(), MeshTelemetry.MeterName, "mesh.security.lowered", mesh.Time);
            _ = mesh.Directory;
            _ = mesh.Directory;

            gauge.RecordObservableInstruments();

            var warning = Assert.Single(mesh.Logs.GetSnapshot(), record => record.Id.Id == 1710);
            Assert.Equal(Microsoft.Extensions.Logging.LogLevel.Warning, warning.Level);
            Assert.StartsWith($"Mesh:{key.Replace("*", "payments", StringComparison.Ordinal)} lowers "
                + "security", warning.Message, StringComparison.Ordinal);
            var shown = Assert.Single(gauge.GetMeasurementSnapshot());
            Assert.Equal(1, shown.Value);
            Assert.Equal(key, shown.Tags[MeshTags.Setting]);
        }
    }

    [Fact]
    public void Lowered_setting_of_an_override_is_warned_of_by_its_own_key()
    {
        using var mesh = new MeshFixture(options =>
        {
            options.Override.Defaults.Credentials = new() { Mode = CredentialMode.Propagate, AllowInsecureTransport = true };
            options.Override.Services["payments"] = new() { Credentials = { AllowInsecureTransport = true } };
            options.Services["orders"] = new() { Credentials = { AllowInsecureTransport = false } };
        });
        _ = mesh.Directory;

        Assert.Equal(
            [
                "Mesh:Override:Defaults:Credentials:AllowInsecureTransport lowers security",
                "Mesh:Override:Services:payments:Credentials:AllowInsecureTransport lowers security for service 'payments'",
            ],
            mesh.Logs.GetSnapshot().Where(record => record.Id.Id == 1710).Select(record => record.Message.Split(':')[..^1])
                .Select(parts => string.Join(':', parts)).Order());
    }

    [Fact]
    public void Propagated_tokens_whose_receiver_is_named_here_are_no_lowered_security()
    {
        var options = new MeshOptions { Discovery = { Eureka = { ServiceUrls = { "http://registry:8761/eureka/" } } } };
        options.Services["named"] = new ServiceOptions { TlsName = "payments.internal", Credentials = { Mode = CredentialMode.Propagate } };
        options.Services["configured"] =
            new ServiceOptions { Endpoints = { "https://10.0.0.1" }, Credentials = { Mode = CredentialMode.Propagate } };
        Assert.All(SecurityDowngrades.Settings, setting => Assert.Empty(setting.Find(new MeshModel(options, 1), true)));

        options.Services["open"] = new ServiceOptions { Credentials = { Mode = CredentialMode.Propagate } };
        Assert.Single(SecurityDowngrades.Settings.SelectMany(setting => setting.Find(new MeshModel(options, 1), true)));
        options.Security.Endpoints.AllowedHostSuffixes.Add(".internal");
        Assert.All(SecurityDowngrades.Settings, setting => Assert.Empty(setting.Find(new MeshModel(options, 1), true)));
    }

    [Fact]
    public void Nothing_lowered_is_no_warning_and_an_empty_gauge()
    {
        using var mesh = new MeshFixture();
        using var gauge = new MetricCollector<int>(
            mesh.Provider.GetRequiredService<IMeterFactory>(), MeshTelemetry.MeterName, "mesh.security.lowered", mesh.Time);
        _ = mesh.Directory;

        gauge.RecordObservableInstruments();

        Assert.Empty(gauge.GetMeasurementSnapshot());
        Assert.DoesNotContain(mesh.Logs.GetSnapshot(), record => record.Id.Id == 1710);
    }

    /// <summary>A setting for each entry of <see cref="SecurityDowngrades.Settings"/>: the test of the
    /// table fails when one is missing here.</summary>
    private static (string Key, Action<MeshOptions> Lower)[] Lowering()
    {
        (string Key, Action<MeshOptions> Lower)[] all =
        [
            ("Security:Endpoints:AllowLoopback", static options => options.Security.Endpoints.AllowLoopback = true),
            ("Services:*:Credentials:AllowInsecureTransport", static options => options.Services["payments"] = new ServiceOptions
            {
                Credentials = { Mode = CredentialMode.Propagate, AllowInsecureTransport = true },
            }),
            ("Services:*:Credentials:Mode", static options =>
            {
                options.Discovery.Eureka.ServiceUrls.Add("http://registry:8761/eureka/");
                options.Services["payments"] = new ServiceOptions { Credentials = { Mode = CredentialMode.Propagate } };
            }),
            ("Inbound:TrustedNetworks", static options => options.Inbound.TrustedNetworks.Add("0.0.0.0/0")),
        ];
        Assert.Equal(SecurityDowngrades.Settings.Length, all.Length);
        return all;
    }

    private static bool SoundsLowering(string path)
    {
        var name = path[(path.LastIndexOf(':') + 1)..];
        return name.StartsWith("Dangerous", StringComparison.Ordinal)
            || name.StartsWith("Trusted", StringComparison.Ordinal)
            || name.StartsWith("Allow", StringComparison.Ordinal) && !name.StartsWith("Allowed", StringComparison.Ordinal);
    }

    private static IEnumerable<(string Path, bool IsSwitch)> Keys(Type type, string path)
    {
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            // The defaults are the settings of a service over again.
            if (type == typeof(MeshOptions) && property.Name == nameof(MeshOptions.Defaults))
            {
                continue;
            }

            var key = path.Length == 0 ? property.Name : $"{path}:{property.Name}";
            var value = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (value.IsGenericType && value.GetGenericTypeDefinition() == typeof(IDictionary<,>))
            {
                key += ":*";
                value = value.GetGenericArguments()[1];
            }

            yield return (key, value == typeof(bool));
            if (value.Assembly == typeof(MeshOptions).Assembly && value.IsClass)
            {
                foreach (var inner in Keys(value, key))
                {
                    yield return inner;
                }
            }
        }
    }
}
