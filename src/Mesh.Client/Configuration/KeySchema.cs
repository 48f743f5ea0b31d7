using System.Collections.Immutable;

namespace Mesh.Client.Configuration;

/// <summary>Describes one place of the configuration: which keys or which values it takes. Immutable.</summary>
internal sealed record KeySchema
{
    public static readonly KeySchema Text = new() { Kind = KeyKind.Text };

    public static readonly KeySchema Duration = new() { Kind = KeyKind.Duration };

    /// <summary>A time limit that <c>-00:00:00.001</c> switches off.</summary>
    public static readonly KeySchema Limit = new() { Kind = KeyKind.Duration, NoneAllowed = true };

    public static readonly KeySchema WholeNumber = new() { Kind = KeyKind.WholeNumber };

    public static readonly KeySchema Number = new() { Kind = KeyKind.Number };

    public static readonly KeySchema Switch = new() { Kind = KeyKind.Switch };

    public static readonly KeySchema Foreign = new() { Kind = KeyKind.Foreign };

    public required KeyKind Kind { get; init; }

    /// <summary>The keys of a section, in the order in which messages list them.</summary>
    public ImmutableArray<KeyValuePair<string, KeySchema>> Keys { get; init; } = [];

    /// <summary>Keys of the section that are refused and exist for the option type only; messages do not name them.</summary>
    public ImmutableArray<string> Refused { get; init; } = [];

    /// <summary>The keys that messages name.</summary>
    public IEnumerable<KeyValuePair<string, KeySchema>> Usable => Keys.Where(key => !Refused.Contains(key.Key));

    /// <summary>The key that is meant when a single value stands in place of the section; null for none.</summary>
    public string? Shorthand { get; init; }

    /// <summary>What each entry of a map or list is.</summary>
    public KeySchema? Element { get; init; }

    /// <summary>Whether a list is replaced as a whole by a later provider, and not merged by place.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Whether <c>-00:00:00.001</c> stands for "no limit".</summary>
    public bool NoneAllowed { get; init; }

    /// <summary>The words a choice takes.</summary>
    public ImmutableArray<string> Choices { get; init; } = [];

    public static KeySchema Section(params (string Name, KeySchema Schema)[] keys) =>
        new() { Kind = KeyKind.Section, Keys = [.. keys.Select(key => KeyValuePair.Create(key.Name, key.Schema))] };

    /// <summary>A section that a single value may stand for.</summary>
    /// <param name="shorthand">The key that the value belongs to.</param>
    /// <param name="keys">All keys.</param>
    public static KeySchema SectionOr(string shorthand, params (string Name, KeySchema Schema)[] keys) =>
        Section(keys) with { Shorthand = shorthand };

    public static KeySchema Map(KeySchema element) => new() { Kind = KeyKind.Map, Element = element };

    public static KeySchema List(KeySchema element) => new() { Kind = KeyKind.List, Element = element };

    /// <summary>A list that a later provider replaces as a whole.</summary>
    public static KeySchema WholeList(KeySchema element) => List(element) with { IsWhole = true };

    public static KeySchema OneOf<T>()
        where T : struct, Enum => new() { Kind = KeyKind.Choice, Choices = [.. Enum.GetNames<T>()] };

    public KeySchema? Find(string name)
    {
        foreach (var key in Keys)
        {
            if (key.Key.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return key.Value;
            }
        }

        return null;
    }

    /// <summary>The key that a value belongs to; it differs from the written one where the value stands for a section.</summary>
    /// <param name="key">As it is written, from here on.</param>
    public string Canonical(string key)
    {
        var place = this;
        foreach (var part in key.Split(':'))
        {
            place = place.Kind == KeyKind.Section ? place.Find(part) : place.Element;
            if (place is null)
            {
                return key;
            }
        }

        return place.Shorthand is { } name ? $"{key}:{name}" : key;
    }

    /// <summary>Whether something stands at a path.</summary>
    /// <param name="path">Key names below this place.</param>
    public bool Has(ReadOnlySpan<string> path) => path.IsEmpty || (Find(path[0]) is { } key && key.Has(path[1..]));

    /// <summary>This schema with <paramref name="schema"/> at <paramref name="path"/>; <c>*</c>
    /// stands for the entries of a map or list.</summary>
    /// <param name="path">Key names below this place.</param>
    /// <param name="schema">What to put there.</param>
    public KeySchema With(ReadOnlySpan<string> path, KeySchema schema)
    {
        if (path.IsEmpty)
        {
            return schema;
        }

        if (path[0] == "*")
        {
            return this with { Element = (Element ?? throw Misplaced(path[0])).With(path[1..], schema) };
        }

        if (Kind != KeyKind.Section)
        {
            throw Misplaced(path[0]);
        }

        var name = path[0];
        var key = KeyValuePair.Create(name, (Find(name) ?? Section()).With(path[1..], schema));
        return this with { Keys = [.. Keys.Where(old => !old.Key.Equals(name, StringComparison.OrdinalIgnoreCase)), key] };
    }

    private InvalidOperationException Misplaced(string name) =>
        new($"'{name}' cannot be added below a {Kind} of the configuration schema.");
}
