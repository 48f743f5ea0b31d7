using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Endpoints;

/// <summary>Endpoints that share a part of the calls: those of a zone, or of a priority level. Mostly there is one group with all
/// endpoints.</summary>
/// <param name="endpoints">One or more.</param>
/// <param name="share">Its share of all calls; the shares of a set's groups add up to 1.</param>
/// <param name="elsewhere">Endpoints of other zones, for calls when these are slow. May be empty.</param>
internal sealed class EndpointGroup(Endpoint[] endpoints, double share, Endpoint[] elsewhere)
{
    public Endpoint[] Endpoints => endpoints;

    public double Share => share;

    public Endpoint[] Elsewhere => elsewhere;

    /// <summary>Draws the group of the next call: with one random number, or none if there is one group.</summary>
    public static EndpointGroup Draw(EndpointGroup[] groups, IRandomSource random)
    {
        if (groups.Length == 1)
        {
            return groups[0];
        }

        var rest = random.NextDouble();
        foreach (var group in groups)
        {
            rest -= group.Share;
            if (rest < 0)
            {
                return group;
            }
        }

        return groups[^1];
    }

    /// <summary>The part of the groups that satisfies a condition; the others take over the shares of lost groups.</summary>
    public static EndpointGroup[] Where(EndpointGroup[] groups, Predicate<Endpoint> condition)
    {
        var left = groups.Select(
            group => new EndpointGroup(Array.FindAll(group.Endpoints, condition), group.Share, Array.FindAll(group.Elsewhere, condition)))
            .Where(static group => group.Endpoints.Length > 0)
            .ToArray();
        var sum = left.Sum(static group => group.Share);
        return [.. left.Select(group => new EndpointGroup(group.Endpoints, group.Share / sum, group.Elsewhere))];
    }
}
