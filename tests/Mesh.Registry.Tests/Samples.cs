using Mesh.Registry.Instances;
using Mesh.Registry.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Registry.Tests;

internal static class Samples
{
    public static RegistrySettings Settings(Action<MeshRegistryOptions>? configure = null)
    {
        var options = new MeshRegistryOptions();
        configure?.Invoke(options);
        return new RegistrySettings(options);
    }

    public static RegistryStore Store(TimeProvider time, Action<MeshRegistryOptions>? configure = null) =>
        new(Settings(configure), time, new(static () => NullLogger<RegistryStore>.Instance));

    /// <summary>A heartbeat of a client.</summary>
    public static bool Heartbeat(this RegistryStore store, InstanceKey key, long? lastDirty) =>
        store.Heartbeat(key, lastDirty, fromPeer: false, overridden: null, out _) == HeartbeatResult.Renewed;

    public static RegisteredInstance Instance(
        TimeProvider time, string id = "a", string app = "ORDERS", InstanceStatus status = InstanceStatus.Up, int lease = 90,
            long dirty = 1) => new()
            {
                App = app,
                InstanceId = id,
                HostName = "host",
                IpAddress = "127.0.0.1",
                Status = status,
                DataCenter = new DataCenter("com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "MyOwn", []),
                Lease = new Lease(lease, time),
                LastDirtyAt = dirty,
            };

    /// <summary>A registration with the fields that the protocol demands, and further ones.</summary>
    public static string Json(string id = "a", string app = "ORDERS", string status = "UP", string more = "", string metadata = "{}", int lease = 90) => $$$"""
        {"instance":{"instanceId":"{{{id}}}","hostName":"host","app":"{{{app}}}","ipAddr":"127.0.0.1","status":"{{{status}}}",
        "port":{"$":5001,"@enabled":"true"},"dataCenterInfo":{"@class":"com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo","name":"MyOwn"},
        "leaseInfo":{"renewalIntervalInSecs":1,"durationInSecs":{{{lease}}}},"metadata":{{{metadata}}}{{{more}}}}}
        """;
}
