namespace Mesh.Registry.Instances;

/// <summary>The states on the wire. Upper case only: a real server reads <c>up</c> as unknown.</summary>
internal static class InstanceStatusNames
{
    /// <summary>All states, sorted by name: the order of the hash.</summary>
    public static readonly InstanceStatus[] Sorted =
    [
        InstanceStatus.Down,
        InstanceStatus.OutOfService,
        InstanceStatus.Starting,
        InstanceStatus.Unknown,
        InstanceStatus.Up,
    ];

    public static string ToWire(this InstanceStatus status) => status switch
    {
        InstanceStatus.Up => "UP",
        InstanceStatus.Down => "DOWN",
        InstanceStatus.Starting => "STARTING",
        InstanceStatus.OutOfService => "OUT_OF_SERVICE",
        _ => "UNKNOWN",
    };

    public static InstanceStatus? Parse(string? text) => text switch
    {
        "UP" => InstanceStatus.Up,
        "DOWN" => InstanceStatus.Down,
        "STARTING" => InstanceStatus.Starting,
        "OUT_OF_SERVICE" => InstanceStatus.OutOfService,
        "UNKNOWN" => InstanceStatus.Unknown,
        _ => null,
    };
}
