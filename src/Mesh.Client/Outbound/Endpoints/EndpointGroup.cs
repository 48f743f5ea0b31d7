using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Endpoints;

/// <summary>Endpoints that have a share of the calls between them: those of a zone, or of a level of
/// priority. Mostly there is one group, of all.</summary>
/// <param name="endpoints">One or more.</param>
/// <param name="share">Of all calls; the shares of a set's groups add up to 1.</param>
/// <param name="elsewhere">Where calls go when these are slow: the endpoints of other zones. Empty for nowhere.</param>
internal sealed class EndpointGroup(Endpoint[] endpoints, double share, Endpoint[] elsewhere)
{
    public Endpoint[] Endpoints => endpoints;

    public double Share => share;

    public Endpoint[] Elsewhere => elsewhere;

    /// <summary>The group that the next call goes to: one random number, and none where there is one group.</summary>
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

    /// <summary>The part of the groups that a condition holds for; what the lost ones had, the others share.</summary>
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
