using Mesh.Client.Eureka;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Registration;
using Microsoft.Extensions.Logging.Testing;
using static Mesh.Client.Tests.Eureka.TestInstance;

namespace Mesh.Client.Tests.Eureka;

/// <summary>Every name by which a registry knows an instance is a service, so that none goes to DNS; it has the endpoints that can be
/// called by it, which for a name of TLS only are those that open a port for it.</summary>
public sealed class KnownNamesTests
{
    private readonly RecordingSink _sink = new();
    private readonly FakeLogger _logger = new();
    private readonly EurekaPublisher _publisher;
    private EurekaInstance[] _up = [];
    private EurekaInstance[] _idle = [];

    public KnownNamesTests() => _publisher = new EurekaPublisher(_sink, new(() => _logger));

    public static MatrixTheoryData<string, bool, bool, string, bool> All => new(
        ["UP", "STARTING", "DOWN", "OUT_OF_SERVICE", "UNKNOWN"],
        [false, true],
        [false, true],
        ["equal", "distinct", "several", "plain", "secure", "none", "app"],
        [false, true]);

    [Theory]
    [MemberData(nameof(All))]
    public void Publish_every_name_is_known_and_has_what_can_be_called_by_it(
        string wire, bool plain, bool secure, string names, bool preferSecurePort)
    {
        var status = EurekaStatusNames.Parse(System.Text.Encoding.UTF8.GetBytes(wire));
        var (vip, secureVip) = names switch
        {
            "equal" => ("vip", "VIP"),
            "distinct" => ("vip", "tls"),
            "several" => ("vip,both", "both:8443, tls"),
            "plain" => ("vip", null),
            "secure" => (null, "tls"),
            "app" => ("orders", "orders"),
            _ => ((string?)null, (string?)null),
        };
        var instance = Of(
            "a", status, port: 8080, portEnabled: plain, securePort: 8443, secureEnabled: secure, vip: vip, secureVip: secureVip);
        string[] expected = names switch
        {
            "equal" or "plain" => ["orders", "vip"],
            "distinct" => ["orders", "tls", "vip"],
            "several" => ["both", "orders", "tls", "vip"],
            "secure" => ["orders", "tls"],
            _ => ["orders"],
        };

        Publish([instance], preferSecurePort);

        Assert.Equal(expected, _sink.Services.Keys.Order(StringComparer.Ordinal));
        foreach (var name in expected)
        {
            var callable = status == RegistrationStatus.Up && (secure || (plain && name != "tls"));
            Assert.Equal(callable ? 1 : 0, _sink.Services[name].Count);
            Assert.Equal(callable, _sink.Reasons.GetValueOrDefault(name) is null);
            if (callable)
            {
                var endpoint = _sink.Services[name][0];
                var overTls = secure && (preferSecurePort || !plain);
                Assert.Equal(overTls ? "https://127.0.0.1:8443/" : "http://127.0.0.1:8080/", endpoint.Address.AbsoluteUri);
                Assert.Equal(secure && !overTls ? 8443 : 0, endpoint.SecurePort);
            }
            else
            {
                Assert.StartsWith(
                    status != RegistrationStatus.Up ? $"its only instance is {wire}"
                        : plain ? "its only instance is unusable (no usable port for TLS)"
                        : "its only instance is unusable (no enabled port)",
                    _sink.Reasons[name],
                    StringComparison.Ordinal);
            }
        }

        // What was counted is taken back, however instances are called by then.
        Publish([instance], !preferSecurePort);
        Publish([instance], preferSecurePort);
        Publish([], preferSecurePort);
        foreach (var name in expected)
        {
            Assert.Empty(_sink.Services[name]);
            Assert.EndsWith("the registry lists none any more", _sink.Reasons[name], StringComparison.Ordinal);
        }
    }

    /// <summary>From one state to any other, as a registry says it: no name is lost on the way, and none keeps an endpoint.</summary>
    [Fact]
    public void Publish_instance_that_changes_its_state_keeps_its_names()
    {
        EurekaInstance[] states =
        [
            .. from status in (RegistrationStatus[])[RegistrationStatus.Up, RegistrationStatus.Starting, RegistrationStatus.Down]
            from plain in (bool[])[false, true]
            from secure in (bool[])[false, true]
            select Of(
                "a", status, port: 8080, portEnabled: plain, securePort: 8443, secureEnabled: secure, vip: "vip", secureVip: "tls"),
        ];
        foreach (var before in states)
        {
            foreach (var after in states)
            {
                Publish([before], preferSecurePort: false);
                Publish([after], preferSecurePort: false);

                Assert.Equal(["orders", "tls", "vip"], _sink.Services.Keys.Order(StringComparer.Ordinal));
                var open = after.IsUp && (after.Port.Enabled || after.SecurePort.Enabled);
                Assert.Equal(open ? 1 : 0, _sink.Services["vip"].Count);
                Assert.Equal(after.IsUp && after.SecurePort.Enabled ? 1 : 0, _sink.Services["tls"].Count);
                Assert.StartsWith(
                    after.IsUp && after.SecurePort.Enabled ? string.Empty : "its only instance is ",
                    _sink.Reasons["tls"] ?? string.Empty,
                    StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Publish_instance_without_port_for_TLS_is_not_logged_as_unusable()
    {
        Publish([Of("a", port: 1, vip: "vip", secureVip: "tls"), Of("b", port: 2, secureEnabled: true, secureVip: "tls")], false);

        Assert.Equal("http://127.0.0.1:2/", Assert.Single(_sink.Services["tls"]).Address.AbsoluteUri);
        Assert.DoesNotContain(_logger.Collector.GetSnapshot(), static record => record.Id.Id == 2111);
    }

    [Fact]
    public void Publish_port_for_TLS_that_is_no_number_is_none()
    {
        Publish([Of("a", port: 1, securePort: 0, secureEnabled: true, vip: "vip", secureVip: "tls")], preferSecurePort: false);

        Assert.Empty(_sink.Services["tls"]);
        Assert.Equal("its only instance is unusable (no usable port for TLS)", _sink.Reasons["tls"]);
        Assert.Single(_sink.Services["vip"]);
    }

    private void Publish(EurekaInstance[] instances, bool preferSecurePort)
    {
        var changes = new AcceptedChanges();
        Array.ForEach(_up, changes.Remove);
        Array.ForEach(_idle, changes.RemoveIdle);
        _up = Array.FindAll(instances, static instance => instance.IsUp);
        _idle = Array.FindAll(instances, static instance => !instance.IsUp);
        Array.ForEach(_up, changes.Add);
        Array.ForEach(_idle, changes.AddIdle);
        _publisher.Publish(changes, _up, preferIPAddress: false, preferSecurePort: preferSecurePort, idle: _idle);
    }
}
