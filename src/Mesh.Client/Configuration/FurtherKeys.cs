namespace Mesh.Client.Configuration;

/// <summary>The keys of a package that is not this one. Their values are read and checked there.</summary>
/// <param name="path">Where they stand below <c>Mesh</c>.</param>
/// <param name="keys">The keys that may stand there; empty for any.</param>
/// <param name="settings">The type that they are read into.</param>
internal sealed class FurtherKeys(string path, IReadOnlyList<string> keys, Type settings) : IKnownKeys
{
    public Type Settings => settings;

    public string Path => path;

    public KeySchema Schema => keys.Count == 0
        ? KeySchema.Foreign
        : keys.Aggregate(KeySchema.Section(), static (section, key) => section.With(key.Split(':'), KeySchema.Foreign));
}
