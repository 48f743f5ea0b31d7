using Mesh.Client.Registration;

namespace Mesh.Client.Eureka.Wire;

/// <summary>The wire names of <see cref="EurekaStatus"/>. The protocol is case-sensitive: a real
/// server stores <c>up</c> as UNKNOWN.</summary>
internal static class EurekaStatusNames
{
    public static EurekaStatus Parse(string? name) => name switch
    {
        "UP" => EurekaStatus.Up,
        "DOWN" => EurekaStatus.Down,
        "STARTING" => EurekaStatus.Starting,
        "OUT_OF_SERVICE" => EurekaStatus.OutOfService,
        _ => EurekaStatus.Unknown,
    };

    public static EurekaStatus Parse(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("UP"u8) ? EurekaStatus.Up
        : name.SequenceEqual("DOWN"u8) ? EurekaStatus.Down
        : name.SequenceEqual("STARTING"u8) ? EurekaStatus.Starting
        : name.SequenceEqual("OUT_OF_SERVICE"u8) ? EurekaStatus.OutOfService
        : EurekaStatus.Unknown;

    public static string NameOf(EurekaStatus status) => status switch
    {
        EurekaStatus.Up => "UP",
        EurekaStatus.Down => "DOWN",
        EurekaStatus.Starting => "STARTING",
        EurekaStatus.OutOfService => "OUT_OF_SERVICE",
        _ => "UNKNOWN",
    };
}
