using System.Collections.Immutable;
using Mesh.Client.Options;

namespace Mesh.Client.Model;

/// <summary>Which calls a route takes: those for which all of this holds. Immutable.</summary>
internal sealed record RouteMatch
{
    /// <summary>With <c>*</c> and <c>**</c>; null for any.</summary>
    public string? Path { get; init; }

    /// <summary>A regular expression; null for any.</summary>
    public string? PathRegex { get; init; }

    /// <summary>Empty for any.</summary>
    public ImmutableArray<string> Methods { get; init; } = [];

    public ImmutableArray<(string Name, TextMatch Value)> Headers { get; init; } = [];

    public ImmutableArray<(string Name, TextMatch Value)> Query { get; init; } = [];

    /// <summary>Empty for any.</summary>
    public ImmutableArray<string> Clients { get; init; } = [];

    /// <param name="options">Validated.</param>
    public static RouteMatch From(RouteMatchOptions options) => new()
    {
        Path = options.Path,
        PathRegex = options.PathRegex,
        Methods = [.. options.Methods],
        Headers = Named(options.Headers),
        Query = Named(options.Query),
        Clients = [.. options.Clients],
    };

    public bool Equals(RouteMatch? other) =>
        other is not null
        && Path == other.Path
        && PathRegex == other.PathRegex
        && Methods.SequenceEqual(other.Methods)
        && Headers.SequenceEqual(other.Headers)
        && Query.SequenceEqual(other.Query)
        && Clients.SequenceEqual(other.Clients);

    public override int GetHashCode() => HashCode.Combine(Path, PathRegex, Methods.Length, Headers.Length, Query.Length, Clients.Length);

    // Sorted, so that two that say the same are equal.
    private static ImmutableArray<(string Name, TextMatch Value)> Named(IDictionary<string, TextMatchOptions> values) =>
        [.. values.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => (pair.Key, TextMatch.From(pair.Value)))];
}
