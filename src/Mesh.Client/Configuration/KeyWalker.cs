using System.Globalization;
using Mesh.Client.Options;
using Microsoft.Extensions.Configuration;

namespace Mesh.Client.Configuration;

/// <summary>Goes through a section before it is bound and lists everything that the schema does not know.</summary>
/// <remarks>The binder stops at the first unknown or unusable key, suggests nothing, and silently takes a text for a section.</remarks>
internal sealed class KeyWalker
{
    private readonly KeySchema _root;

    public KeyWalker(IEnumerable<IKnownKeys> further) =>
        _root = further.Aggregate(MeshSchema.Root, Add);

    private static KeySchema Add(KeySchema root, IKnownKeys further)
    {
        var path = further.Path.Split(':');
        return root.Has(path)
            ? throw new InvalidOperationException($"The section Mesh:{further.Path} belongs to somebody already.")
            : root.With(path, further.Schema);
    }

    public List<KeyMistake> Walk(IConfigurationSection section)
    {
        var found = new Findings(section.Path);
        Visit(section, _root, found);
        return found.Mistakes;
    }

    /// <summary>The key that a value belongs to: a single value may stand for a section.</summary>
    /// <param name="key">As it is written, below the root.</param>
    public string Canonical(string key) => _root.Canonical(key);

    /// <summary>The empty entries of lists, by full key. They count as absent, so that an environment can remove what a file
    /// lists.</summary>
    public List<string> EmptyEntries(IConfigurationSection section)
    {
        var found = new List<string>();
        Collect(section, _root, found);
        return found;
    }

    /// <summary>The lists that a later provider replaces as a whole, by full key.</summary>
    public IEnumerable<string> WholeLists(IConfigurationSection section) => WholeLists(section, _root);

    private static IEnumerable<string> WholeLists(IConfigurationSection section, KeySchema schema) =>
        schema.IsWhole ? [section.Path]
        : schema.Kind == KeyKind.Section
            ? section.GetChildren().SelectMany(child => schema.Find(child.Key) is { } known ? WholeLists(child, known) : [])
        : schema.Kind == KeyKind.Map ? section.GetChildren().SelectMany(child => WholeLists(child, schema.Element!))
        : [];

    /// <summary>The key of the configuration that a value of the options comes from. The places differ: empty entries of lists are not in
    /// the options.</summary>
    /// <param name="section">The root.</param>
    /// <param name="key">With the places that the options have, below the root.</param>
    /// <returns>The full key; null where nothing of the kind is written.</returns>
    public string? Written(IConfigurationSection section, string key)
    {
        var schema = _root;
        foreach (var part in key.Split(':'))
        {
            if (schema is { Kind: KeyKind.List, Element: { } element }
                && int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var place))
            {
                if (section.GetChildren().Where(child => !IsEmpty(child, element)).ElementAtOrDefault(place) is not { } entry)
                {
                    return null;
                }

                section = entry;
            }
            else
            {
                section = section.GetSection(part);
            }

            schema = schema?.Kind == KeyKind.Section ? schema.Find(part) : schema?.Element;
        }

        return section.Exists() ? section.Path : null;
    }

    private static void Collect(IConfigurationSection section, KeySchema schema, List<string> found)
    {
        if (schema.Kind == KeyKind.Section)
        {
            foreach (var child in section.GetChildren())
            {
                if (schema.Find(child.Key) is { } known)
                {
                    Collect(child, known, found);
                }
            }
        }
        else if (schema.Element is { } element)
        {
            foreach (var child in section.GetChildren())
            {
                if (schema.Kind == KeyKind.List && IsEmpty(child, element))
                {
                    found.Add(child.Path);
                }
                else
                {
                    Collect(child, element, found);
                }
            }
        }
    }

    /// <summary>Whether an entry has no value, or an empty value that overrides what another source has below it, or is a section with an
    /// empty main key.</summary>
    private static bool IsEmpty(IConfigurationSection entry, KeySchema element) =>
        string.IsNullOrWhiteSpace(entry.Value) && (entry.Value is not null || !entry.GetChildren().Any())
        || (element.Shorthand is { } main && entry.GetSection(main) is { Value: { } value } && string.IsNullOrWhiteSpace(value));

    private void Visit(IConfigurationSection section, KeySchema schema, Findings found)
    {
        switch (schema.Kind)
        {
            case KeyKind.Section:
                VisitSection(section, schema, found);
                break;
            case KeyKind.Map:
                VisitMap(section, schema.Element!, found);
                break;
            case KeyKind.List:
                VisitList(section, schema.Element!, found);
                if (schema.IsWhole && section.GetChildren().Any() && section.GetChildren().All(child => IsEmpty(child, schema.Element!)))
                {
                    found.Mistakes.Add(new(section.Path, $"{section.Path} has only empty entries. Write [] for an empty list.", false));
                }

                break;
            case KeyKind.Foreign:
                break;
            default:
                VisitValue(section, schema, found);
                break;
        }
    }

    private void VisitSection(IConfigurationSection section, KeySchema schema, Findings found)
    {
        // An empty JSON array arrives as an empty text.
        if (section.Value is { Length: > 0 } && schema.Shorthand is null)
        {
            found.Mistakes.Add(new(section.Path, $"{section.Path} is a single value, but a section with the keys {Names(schema)} is "
                + "expected.", false));
        }

        var children = section.GetChildren().ToList();
        if (children.Count > 0 && children.TrueForAll(static child => int.TryParse(child.Key, out _)))
        {
            var list = schema.Usable.FirstOrDefault(static known => known.Value.Kind == KeyKind.List).Key;
            var expected = list is null
                ? $"with the keys {Names(schema)} is expected."
                : $"is expected. Did you mean '{section.Path}:{list}'?";
            found.Mistakes.Add(new(section.Path, $"{section.Path} is a list, but a section {expected}", false));
            return;
        }

        foreach (var child in children)
        {
            if (schema.Find(child.Key) is { } known)
            {
                Visit(child, known, found);
            }
            else
            {
                found.Mistakes.Add(new(child.Path, $"{child.Path} is not a setting. {Advise(child, section, schema, found.Root)}", false));
            }
        }
    }

    private void VisitMap(IConfigurationSection section, KeySchema element, Findings found)
    {
        if (section.Value is { Length: > 0 })
        {
            found.Mistakes.Add(new(section.Path, $"{section.Path} is a single value, but a section of names, each with a "
                + $"{Describe(element)}, is expected.", false));
        }

        foreach (var child in section.GetChildren())
        {
            // The binder would take the places of a list for names.
            if (element.Kind == KeyKind.Section && child.Key.All(char.IsAsciiDigit))
            {
                found.Mistakes.Add(new(child.Path, $"{child.Path} is an entry of a list, but {section.Path} is a section of names: write "
                    + "{ \"name\": … } (a name may not be digits only).", true));
                continue;
            }

            Visit(child, element, found);
        }
    }

    private void VisitList(IConfigurationSection section, KeySchema element, Findings found)
    {
        if (section.Value is { Length: > 0 })
        {
            found.Mistakes.Add(new(section.Path, $"{section.Path} is a single value, but a list is expected: write [ \"…\" ], or "
                + $"{section.Path}:0 as a single key.", true));
        }

        foreach (var child in section.GetChildren())
        {
            if (int.TryParse(child.Key, out _))
            {
                if (IsEmpty(child, element))
                {
                    continue;
                }

                Visit(child, element, found);
            }
            else
            {
                found.Mistakes.Add(new(child.Path, $"{child.Path} is a named key, but {section.Path} is a list: write [ \"…\" ], or "
                    + $"{section.Path}:0 as a single key.", true));
            }
        }
    }

    private static void VisitValue(IConfigurationSection section, KeySchema schema, Findings found)
    {
        if (section.GetChildren().Any())
        {
            found.Mistakes.Add(new(section.Path, $"{section.Path} is a section, but a {Describe(schema)} is expected.", true));
        }
        else if (ValueSyntax.Check(section.Value, schema) is { } fault)
        {
            found.Mistakes.Add(new(section.Path, $"{section.Path}: {fault}", true));
        }
    }

    private string Advise(IConfigurationSection child, IConfigurationSection section, KeySchema schema, string root)
    {
        var key = child.Key;
        if (child.GetChildren().Any() && MapLike(section, root) is { } map)
        {
            return $"Did you mean '{root}:{map}:{key}'?";
        }

        var close = Suggestion.Closest(key, schema.Usable.Select(known => known.Key));
        if (close.Count > 0)
        {
            return $"Did you mean '{string.Join("' or '", close)}'?";
        }

        if (Suggestion.Closest(key, schema.Refused) is [var refused, ..])
        {
            key = refused;
        }

        // Several sections have a switch of their own: that of another one, or of the whole mesh, is not the one that was meant.
        return !key.Equals(nameof(MeshOptions.Enabled), StringComparison.OrdinalIgnoreCase) && Elsewhere(_root, key, root) is { } place
            ? $"Did you mean '{place}'?"
            : $"Known here: {Names(schema)}.";
    }

    /// <summary>A section of names with a name similar to this key, which is not one: <c>Services</c> for <c>Service</c>.</summary>
    private string? MapLike(IConfigurationSection section, string root) =>
        section.Path.Equals($"{root}:{section.Key}", StringComparison.OrdinalIgnoreCase)
            ? _root.Keys.FirstOrDefault(
                known => known.Value.Kind == KeyKind.Map && known.Key.StartsWith(section.Key, StringComparison.OrdinalIgnoreCase)).Key
            : null;

    /// <summary>The full key of a setting of this name elsewhere: many look for <c>Timeout</c> directly below <c>Mesh</c>.</summary>
    private static string? Elsewhere(KeySchema schema, string key, string path)
    {
        foreach (var known in schema.Usable)
        {
            if (known.Key.Equals(key, StringComparison.OrdinalIgnoreCase))
            {
                return $"{path}:{known.Key}";
            }
        }

        return schema.Usable.Select(known => Elsewhere(known.Value, key, $"{path}:{known.Key}")).FirstOrDefault(place => place is not null)
            ?? (schema is { Kind: KeyKind.Map, Element: { Kind: KeyKind.Section } element }
                ? Elsewhere(element, key, $"{path}:<name>")
                : null);
    }

    private static string Names(KeySchema schema) => string.Join(", ", schema.Usable.Select(known => known.Key));

    private static string Describe(KeySchema schema) => schema.Kind switch
    {
        KeyKind.Section or KeyKind.Map => "section",
        KeyKind.List => "list",
        KeyKind.Duration => "duration",
        KeyKind.WholeNumber => "whole number",
        KeyKind.Number => "number",
        KeyKind.Switch => "true or false",
        KeyKind.Choice => "choice of " + string.Join(", ", schema.Choices),
        _ => "text",
    };

    private sealed record Findings(string Root)
    {
        public List<KeyMistake> Mistakes { get; } = [];
    }
}
