using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Mesh.Client.Model;

/// <summary>The labels of an endpoint, in the order of the source: two small arrays, which instances with equal labels share.</summary>
/// <remarks>A dictionary with a few entries takes several hundred bytes, for each of thousands of endpoints. Labels are few, and their
/// strings are mostly the same objects as the wanted ones, so a linear search is as fast.</remarks>
internal sealed class LabelMap : IReadOnlyDictionary<string, string>
{
    public static readonly LabelMap Empty = new([], []);

    private readonly string[] _keys;
    private readonly string[] _values;

    /// <param name="keys">Each once. Must not change any more, nor may the values.</param>
    /// <param name="values">As many.</param>
    public LabelMap(string[] keys, string[] values)
    {
        _keys = keys;
        _values = values;
    }

    public int Count => _keys.Length;

    public ReadOnlySpan<string> KeyList => _keys;

    public ReadOnlySpan<string> ValueList => _values;

    public IEnumerable<string> Keys => _keys;

    public IEnumerable<string> Values => _values;

    public string this[string key] =>
        TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"There is no label '{key}'.");

    public static LabelMap Of(IEnumerable<KeyValuePair<string, string>> labels)
    {
        KeyValuePair<string, string>[] entries = [.. labels];
        return entries.Length == 0
            ? Empty
            : new([.. entries.Select(static entry => entry.Key)], [.. entries.Select(static entry => entry.Value)]);
    }

    /// <summary>A map that shares this one's keys: most instances of an application have the same.</summary>
    public LabelMap With(string[] values) => new(_keys, values);

    public bool ContainsKey(string key) => Array.IndexOf(_keys, key) >= 0;

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        var keys = _keys;
        for (var i = 0; i < keys.Length; i++)
        {
            if (keys[i] == key)
            {
                value = _values[i];
                return true;
            }
        }

        value = null;
        return false;
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator()
    {
        for (var i = 0; i < _keys.Length; i++)
        {
            yield return KeyValuePair.Create(_keys[i], _values[i]);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
