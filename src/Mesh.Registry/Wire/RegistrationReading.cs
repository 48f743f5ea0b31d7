using System.Diagnostics.CodeAnalysis;
using Mesh.Registry.Instances;

namespace Mesh.Registry.Wire;

/// <summary>A registration, or the text that says why it is none.</summary>
/// <param name="Instance">The registration.</param>
/// <param name="Problem">The answer to the client.</param>
/// <param name="Field">The field that is wrong, as far as one is known.</param>
/// <param name="Id">What the instance calls itself, as far as it could be read.</param>
internal readonly record struct RegistrationReading(RegisteredInstance? Instance, string? Problem, string? Field = null, string? Id = null)
{
    [MemberNotNullWhen(true, nameof(Instance))]
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool IsValid => Instance is not null;
}
