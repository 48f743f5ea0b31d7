using Mesh.Client.Registration;

namespace Mesh.Client.Eureka.Wire;

/// <summary>The wire names of <see cref="RegistrationStatus"/>. The protocol is case-sensitive: a real
/// server stores <c>up</c> as UNKNOWN.</summary>
internal static class EurekaStatusNames
{
    public static RegistrationStatus Parse(string? name) => name switch
    {
        "UP" => RegistrationStatus.Up,
        "DOWN" => RegistrationStatus.Down,
        "STARTING" => RegistrationStatus.Starting,
        "OUT_OF_SERVICE" => RegistrationStatus.OutOfService,
        _ => RegistrationStatus.Unknown,
    };

    public static RegistrationStatus Parse(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("UP"u8) ? RegistrationStatus.Up
        : name.SequenceEqual("DOWN"u8) ? RegistrationStatus.Down
        : name.SequenceEqual("STARTING"u8) ? RegistrationStatus.Starting
        : name.SequenceEqual("OUT_OF_SERVICE"u8) ? RegistrationStatus.OutOfService
        : RegistrationStatus.Unknown;

    public static string NameOf(RegistrationStatus status) => status switch
    {
        RegistrationStatus.Up => "UP",
        RegistrationStatus.Down => "DOWN",
        RegistrationStatus.Starting => "STARTING",
        RegistrationStatus.OutOfService => "OUT_OF_SERVICE",
        _ => "UNKNOWN",
    };
}
