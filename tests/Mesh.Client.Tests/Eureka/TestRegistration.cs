using Mesh.Client.Eureka;
using Mesh.Client.Registration;

namespace Mesh.Client.Tests.Eureka;

internal static class TestRegistration
{
    public static Dictionary<string, string> Metadata { get; } = new() { ["zone"] = "zone1", ["version"] = "1.2.3" };

    public static InstanceRegistration Of(
        string id = "host1:orders:5001", int? port = 5001, int? securePort = null, double heartbeat = 30, double lease = 90) => new()
        {
            App = "ORDERS",
            Vip = "orders",
            InstanceId = id,
            Address = new AdvertisedAddress { HostName = "127.0.0.1", IPAddress = "127.0.0.1", Port = port, SecurePort = securePort },
            HeartbeatInterval = TimeSpan.FromSeconds(heartbeat),
            LeaseDuration = TimeSpan.FromSeconds(lease),
            Metadata = Metadata,
        };
}
