using Identity.Issuer;
using Identity.Roles;

namespace Identity;

/// <summary>One request through all services, as each of them saw it.</summary>
/// <param name="TraceId">The trace that it began with.</param>
/// <param name="Sightings">What the services saw, in the order of the calls.</param>
internal sealed record Journey(string TraceId, IReadOnlyList<Sighting> Sightings)
{
    // What each hop keeps back for its own answer; docs/context.md.
    private const double KeptBack = 5;

    public IEnumerable<Check> Checks()
    {
        yield return new($"the request came to {Role.Storefront}, {Role.Orders} and "
            + $"{Role.Payments}", Services.SequenceEqual([Role.Storefront, Role.Orders, Role.Payments]));
        yield return new($"each of them saw the user {IssuerSettings.User}, by a token that it validated "
            + "itself", Sightings.All(sighting => sighting.User == IssuerSettings.User));
        yield return new(
            "each of them saw who called",
            Sightings.Select(sighting => sighting.Caller).SequenceEqual([Kiosk.Name, .. Services.SkipLast(1)]));
        yield return new(
            "all of them are in the one trace that began with the user", Sightings.All(sighting => sighting.TraceId == TraceId));
        yield return new(
            "each of them had less time than the one before", Times.Zip(Times.Skip(1)).All(pair => pair.Second < pair.First - KeptBack));
    }

    private IEnumerable<string> Services => Sightings.Select(sighting => sighting.Service);

    private IEnumerable<double> Times =>
        Sightings.Select(sighting => sighting.Remaining ?? double.NaN).Prepend(Kiosk.Patience.TotalMilliseconds + KeptBack);
}
