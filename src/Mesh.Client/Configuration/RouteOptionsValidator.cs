using Mesh.Client.Matching;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Primitives;

namespace Mesh.Client.Configuration;

/// <summary>The rules for the routes of a service.</summary>
internal static class RouteOptionsValidator
{
    private const int MaxRoutes = 10_000;
    private const int MaxOrder = 1_000_000;
    private const int MaxNameLength = 100;

    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    public static void Validate(string key, IDictionary<string, RouteOptions> routes, ConfigurationErrors mistakes)
    {
        if (routes.Count > MaxRoutes)
        {
            mistakes.Add(key, $"has {routes.Count} routes, at most {MaxRoutes} are allowed.");
        }

        ValidateNames(key, routes.Keys, mistakes);
        foreach (var (name, route) in routes)
        {
            var place = $"{key}:{Printable.Of(name)}";
            if (string.IsNullOrWhiteSpace(name) || name.Length > MaxNameLength || Printable.HasControl(name))
            {
                mistakes.Add(place, $"the name of a route has 1 to {MaxNameLength} characters, and no control characters.");
            }
            else if (name.Equals(RouteModel.DefaultName, StringComparison.OrdinalIgnoreCase))
            {
                mistakes.Add(
                    place, $"'{RouteModel.DefaultName}' is the name of the route that all other calls take: set it at the service.");
            }

            if (route is null or { Matches: null })
            {
                mistakes.Add(place, "is null, or its Matches are.");
                continue;
            }

            mistakes.Range($"{place}:Order", route.Order, -MaxOrder, MaxOrder);
            mistakes.RangeOrNone($"{place}:Timeout", route.Timeout, Millisecond, ConfigurationErrors.Day);
            mistakes.Range($"{place}:AttemptTimeout", route.AttemptTimeout, Millisecond, ConfigurationErrors.Day);
            mistakes.RangeOrNone($"{place}:BodyIdleTimeout", route.BodyIdleTimeout, Millisecond, ConfigurationErrors.Day);
            mistakes.Range($"{place}:MaxRetries", route.MaxRetries, 0, 10);
            if (route.Timeout > TimeSpan.Zero && route.AttemptTimeout > route.Timeout)
            {
                mistakes.Add(
                    $"{place}:AttemptTimeout", $"{route.AttemptTimeout} is longer than Timeout ({route.Timeout}), so that it never applies.");
            }

            for (var i = 0; i < route.Matches.Count; i++)
            {
                Validate($"{place}:Matches:{i}", route.Matches[i], mistakes);
            }
        }
    }

    private static void Validate(string key, RouteMatchOptions? match, ConfigurationErrors mistakes)
    {
        if (match is null or { Methods: null } or { Headers: null } or { Query: null } or { Clients: null })
        {
            mistakes.Add(key, "is null, or a part of it.");
            return;
        }

        if (match.Path is not null && match.PathRegex is not null)
        {
            mistakes.Add(key, "has both Path and PathRegex: write two entries of Matches, or one of them.");
        }

        if (match is { Path: null, PathRegex: null, Methods.Count: 0, Headers.Count: 0, Query.Count: 0, Clients.Count: 0 })
        {
            mistakes.Add(key, "is empty: leave Matches out where all calls are meant.");
        }

        if (match.Path is { } path && PathTemplate.Mistake(path) is { } wrong)
        {
            mistakes.Add($"{key}:Path", $"'{path}' {wrong}.");
        }

        if (match.PathRegex is { } regex && RegexBound.Mistake(regex) is { } fault)
        {
            mistakes.Add($"{key}:PathRegex", $"'{Printable.Of(regex)}' {fault}.");
        }

        for (var i = 0; i < match.Methods.Count; i++)
        {
            if (match.Methods[i] is not { } method || !IsToken(method))
            {
                mistakes.Add($"{key}:Methods:{i}", $"'{match.Methods[i]}' is no method, such as GET.");
            }
        }

        ValidateNames($"{key}:Headers", match.Headers.Keys, mistakes);
        foreach (var name in match.Headers.Keys.Where(static name => !IsToken(name)))
        {
            mistakes.Add($"{key}:Headers:{Printable.Of(name)}", "is no name that a header can have.");
        }

        Validate($"{key}:Headers", match.Headers, mistakes);
        Validate($"{key}:Query", match.Query, mistakes);
        for (var i = 0; i < match.Clients.Count; i++)
        {
            if (match.Clients[i] is null)
            {
                mistakes.Add($"{key}:Clients:{i}", "is null.");
            }
        }
    }

    /// <summary>A dictionary of the application's own may tell names apart by case.</summary>
    private static void ValidateNames(string key, IEnumerable<string> names, ConfigurationErrors mistakes)
    {
        foreach (var same in names.GroupBy(static name => name, StringComparer.OrdinalIgnoreCase))
        {
            if (same.Count() > 1)
            {
                mistakes.Add($"{key}:{Printable.Of(same.Key)}", "is there twice: case does not matter.");
            }
        }
    }

    /// <summary>RFC 9110, 5.6.2.</summary>
    private static bool IsToken(string text) =>
        text.Length > 0 && text.All(static c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c));

    private static void Validate(string key, IDictionary<string, TextMatchOptions> values, ConfigurationErrors mistakes)
    {
        foreach (var (name, text) in values)
        {
            var place = $"{key}:{Printable.Of(name)}";
            string?[] set = text is null ? [] : [text.Exact, text.Prefix, text.Regex, text.Present?.ToString()];
            if (string.IsNullOrWhiteSpace(name) || set.Count(static one => one is not null) != 1)
            {
                mistakes.Add(place, "just one of Exact, Prefix, Regex and Present is set; a text alone is Exact.");
            }
            else if (text!.Regex is { } regex && RegexBound.Mistake(regex) is { } fault)
            {
                mistakes.Add($"{place}:Regex", $"'{Printable.Of(regex)}' {fault}.");
            }
        }
    }
}
