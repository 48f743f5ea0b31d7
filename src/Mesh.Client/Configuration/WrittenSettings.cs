using System.Text;

namespace Mesh.Client.Configuration;

/// <summary>Every key and value that the mesh reads, at one moment.</summary>
internal sealed class WrittenSettings
{
    /// <summary>Longer lists are cut: this is for people.</summary>
    private const int MaxNames = 20;

    private readonly string _root;
    private readonly Dictionary<string, string?> _values = new(StringComparer.OrdinalIgnoreCase);

    public WrittenSettings(string root, IEnumerable<KeyValuePair<string, string?>> pairs)
    {
        _root = root;
        var text = new StringBuilder();
        foreach (var (key, value) in pairs.OrderBy(static pair => pair.Key, StringComparer.OrdinalIgnoreCase))
        {
            _values[key] = value;

            // The lengths keep different sets of pairs from producing the same text; -1 tells an absent value from an empty one.
            text.Append(key.Length).Append(' ').Append(value?.Length ?? -1).Append(' ').Append(key).Append(value);
        }

        Text = text.ToString();
    }

    /// <summary>All of it as one text: equal texts are equal settings.</summary>
    public string Text { get; }

    /// <summary>Which services and sections differ, by name only: the values may be secret.</summary>
    public string ChangesTo(WrittenSettings next)
    {
        var services = new SortedSet<string>(StringComparer.OrdinalIgnoreCase);
        var sections = new SortedSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var key in _values.Keys.Union(next._values.Keys, StringComparer.OrdinalIgnoreCase))
        {
            // A section has no value of its own; its changes are below it.
            if (_values.TryGetValue(key, out var before) != next._values.TryGetValue(key, out var after) || before != after)
            {
                Sort(key, services, sections);
            }
        }

        // A section comes and goes with its content.
        sections.RemoveWhere(name => sections.Any(other => other.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)));
        if (services.Count > 0)
        {
            sections.Remove($"{_root}:Services");
        }

        var named = services.Count == 0 ? string.Empty : (services.Count == 1 ? "service " : "services ") + List(services);
        var others = List(sections);
        return named.Length == 0 ? others : others.Length == 0 ? named : $"{named}; {others}";
    }

    private void Sort(string key, SortedSet<string> services, SortedSet<string> sections)
    {
        if (!key.StartsWith(_root + ":", StringComparison.OrdinalIgnoreCase))
        {
            if (!key.Equals(_root, StringComparison.OrdinalIgnoreCase))
            {
                sections.Add(key);
            }

            return;
        }

        var parts = key[(_root.Length + 1)..].Split(':');
        if (parts.Length > 1 && parts[0].Equals("Services", StringComparison.OrdinalIgnoreCase))
        {
            services.Add($"'{parts[1]}'");
        }
        else
        {
            // Discovery is a section of sections.
            var depth = parts.Length > 1 && parts[0].Equals("Discovery", StringComparison.OrdinalIgnoreCase) ? 2 : 1;
            sections.Add($"{_root}:{string.Join(':', parts.Take(depth))}");
        }
    }

    private static string List(SortedSet<string> names) =>
        names.Count <= MaxNames
            ? string.Join(", ", names)
            : string.Join(", ", names.Take(MaxNames)) + $" and {names.Count - MaxNames} more";
}
