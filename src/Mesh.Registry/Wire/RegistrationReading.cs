using System.Diagnostics.CodeAnalysis;

namespace Mesh.Registry;

/// <summary>A registration, or the text that says why it is none.</summary>
internal readonly record struct RegistrationReading(RegisteredInstance? Instance, string? Problem)
{
    [MemberNotNullWhen(true, nameof(Instance))]
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool IsValid => Instance is not null;
}
