using Mesh.Client.Options;

namespace Mesh.Client.Model;

/// <summary>Routes as they are said: by name, each one part as a whole.</summary>
internal static class SaidRoutes
{
    /// <summary>Of each name the route of the first that has one.</summary>
    /// <param name="layers">The highest first.</param>
    public static IDictionary<string, RouteOptions> Merge(IReadOnlyList<SettingsLayer> layers)
    {
        var merged = new Dictionary<string, RouteOptions>(StringComparer.OrdinalIgnoreCase);
        foreach (var layer in layers)
        {
            foreach (var (name, route) in layer.Settings.Routes)
            {
                merged.TryAdd(name, route);
            }
        }

        return merged;
    }

    /// <summary>Who decides a route.</summary>
    /// <param name="layers">The highest first.</param>
    /// <param name="name">Its name.</param>
    public static SettingsLayer? Deciding(IReadOnlyList<SettingsLayer> layers, string name) => layers.FirstOrDefault(
        layer => layer.Settings.Routes.Keys.Contains(name, StringComparer.OrdinalIgnoreCase));

    /// <summary>A copy that its writer cannot change any more.</summary>
    public static IDictionary<string, RouteOptions> Copy(IDictionary<string, RouteOptions> routes) => routes.ToDictionary(
        static pair => pair.Key,
        static pair => new RouteOptions
        {
            Order = pair.Value.Order,
            Matches = [.. pair.Value.Matches.Select(Copy)],
            Timeout = pair.Value.Timeout,
            AttemptTimeout = pair.Value.AttemptTimeout,
            BodyIdleTimeout = pair.Value.BodyIdleTimeout,
            MaxRetries = pair.Value.MaxRetries,
        },
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether both say the same.</summary>
    public static bool AreEqual(IDictionary<string, RouteOptions> one, IDictionary<string, RouteOptions> other) =>
        one.Count == other.Count && one.All(pair => other.TryGetValue(pair.Key, out var route) && AreEqual(pair.Value, route));

    private static bool AreEqual(RouteOptions one, RouteOptions other) =>
        one.Order == other.Order
        && one.Timeout == other.Timeout
        && one.AttemptTimeout == other.AttemptTimeout
        && one.BodyIdleTimeout == other.BodyIdleTimeout
        && one.MaxRetries == other.MaxRetries
        && one.Matches.Select(RouteMatch.From).SequenceEqual(other.Matches.Select(RouteMatch.From));

    private static RouteMatchOptions Copy(RouteMatchOptions match) => new()
    {
        Path = match.Path,
        PathRegex = match.PathRegex,
        Methods = [.. match.Methods],
        Headers = match.Headers.ToDictionary(static pair => pair.Key, static pair => Copy(pair.Value), StringComparer.OrdinalIgnoreCase),
        Query = match.Query.ToDictionary(static pair => pair.Key, static pair => Copy(pair.Value), StringComparer.Ordinal),
        Clients = [.. match.Clients],
    };

    private static TextMatchOptions Copy(TextMatchOptions text) =>
        new() { Exact = text.Exact, Prefix = text.Prefix, Regex = text.Regex, Present = text.Present };
}
