using System.Collections.Immutable;
using Mesh.Client.Options;

namespace Mesh.Client.Model;

/// <summary>Which calls of a service go where, and how they are made. Immutable.</summary>
/// <param name="Name">Its identity, for state and telemetry.</param>
/// <param name="Matches">It takes the calls that match any of these; empty for all.</param>
/// <param name="Targets">One or more.</param>
/// <param name="Policy">How the calls are made.</param>
/// <param name="Own">The keys of the settings that the route has itself.</param>
internal sealed record RouteModel(
    string Name, ImmutableArray<RouteMatch> Matches, ImmutableArray<RouteTarget> Targets, CallPolicy Policy, ImmutableArray<string> Own)
{
    /// <summary>The last route of each service: it takes the calls that no other one takes.</summary>
    public const string DefaultName = "default";

    /// <summary>All routes of a service, in the order in which they are asked.</summary>
    /// <param name="routes">Its own ones, by name. Validated.</param>
    /// <param name="policy">How its other calls are made.</param>
    public static ImmutableArray<RouteModel> Create(IDictionary<string, RouteOptions> routes, CallPolicy policy) =>
    [
        .. routes.OrderBy(static route => route.Value.Order ?? 0).ThenBy(static route => route.Key, StringComparer.Ordinal)
            .Select(route => Create(route.Key, route.Value, policy)),
        new RouteModel(DefaultName, [], [RouteTarget.Own], policy, []),
    ];

    public bool Equals(RouteModel? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Name == other.Name
            && Policy == other.Policy
            && Targets.AsSpan().SequenceEqual(other.Targets.AsSpan())
            && Matches.AsSpan().SequenceEqual(other.Matches.AsSpan())
            && Own.AsSpan().SequenceEqual(other.Own.AsSpan()));

    public override int GetHashCode() => HashCode.Combine(Name, Policy, Targets.Length, Matches.Length);

    private static RouteModel Create(string name, RouteOptions route, CallPolicy service) => new(
        name,
        [.. route.Matches.Select(RouteMatch.From)],
        [RouteTarget.Own],
        new CallPolicy(
            route.Timeout ?? service.Timeout,
            route.AttemptTimeout ?? service.AttemptTimeout,
            route.BodyIdleTimeout ?? service.BodyIdleTimeout,
            route.MaxRetries ?? service.MaxRetries),
        [
            .. route.Timeout is null ? Array.Empty<string>() : ["Timeout"],
            .. route.AttemptTimeout is null ? Array.Empty<string>() : ["AttemptTimeout"],
            .. route.BodyIdleTimeout is null ? Array.Empty<string>() : ["BodyIdleTimeout"],
        ]);
}
