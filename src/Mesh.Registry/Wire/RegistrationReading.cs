using System.Diagnostics.CodeAnalysis;
using Mesh.Registry.Instances;

namespace Mesh.Registry.Wire;

/// <summary>A registration, or the reason why it is refused.</summary>
/// <param name="Instance">The registration.</param>
/// <param name="Problem">The answer to the client.</param>
/// <param name="Field">The wrong field, as far as known.</param>
/// <param name="Id">The instance's own id, as far as it could be read.</param>
internal readonly record struct RegistrationReading(RegisteredInstance? Instance, string? Problem, string? Field = null, string? Id = null)
{
    [MemberNotNullWhen(true, nameof(Instance))]
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool IsValid => Instance is not null;
}
