namespace Mesh.Registry.Instances;

/// <summary>The states as they stand on the wire. Upper case only: a real server takes <c>up</c> for unknown.</summary>
internal static class InstanceStatusNames
{
    /// <summary>All states, in the order of their names: the order of the hash.</summary>
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
