using System.Collections.Immutable;

namespace Mesh.Client.Model;

/// <summary>Which calls of a service go where, and how they are made. Immutable.</summary>
/// <param name="Name">Its identity, for state and telemetry.</param>
/// <param name="Targets">One or more.</param>
/// <param name="Policy">How the calls are made.</param>
internal sealed record RouteModel(string Name, ImmutableArray<RouteTarget> Targets, CallPolicy Policy)
{
    /// <summary>The route of a service that has none of its own: it matches all calls.</summary>
    public const string DefaultName = "default";

    public static RouteModel Default(CallPolicy policy) => new(DefaultName, [RouteTarget.Own], policy);

    public bool Equals(RouteModel? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Name == other.Name && Policy == other.Policy && Targets.AsSpan().SequenceEqual(other.Targets.AsSpan()));

    public override int GetHashCode() => HashCode.Combine(Name, Policy, Targets.Length);
}
