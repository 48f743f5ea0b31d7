using System.Collections.Frozen;
using Mesh.Client.Model;
using Mesh.Client.Primitives;

namespace Mesh.Client.Context;

/// <summary>The labels of a context, immutable: as the application reads them, and as they are sent.</summary>
internal sealed class ContextLabels
{
    /// <summary>As many labels as a context holds.</summary>
    public const int MaxLabels = 16;

    public static readonly ContextLabels Empty = new([]);

    private readonly KeyValuePair<string, string>[] _headers;
    private IReadOnlyDictionary<string, string>? _values;

    /// <param name="headers">Names of headers, in lower case, and their values; checked already.</param>
    public ContextLabels(KeyValuePair<string, string>[] headers)
    {
        _headers = headers;
        foreach (var (name, value) in headers)
        {
            // As HTTP/1.1 writes them: a colon, a space, the end of the line.
            Bytes += name.Length + value.Length + 4;
        }
    }

    /// <summary>What they add to a request.</summary>
    public int Bytes { get; }

    /// <summary>The name of the header and the value of each label.</summary>
    public ReadOnlySpan<KeyValuePair<string, string>> Headers => _headers;

    /// <summary>By key. Made on first use: most requests never ask.</summary>
    public IReadOnlyDictionary<string, string> Values => _values ??= _headers.Length == 0
        ? FrozenDictionary<string, string>.Empty
        : _headers.ToFrozenDictionary(
            header => header.Key[MeshHeaders.LabelPrefix.Length..], header => header.Value, StringComparer.Ordinal);

    /// <summary>Labels that the application sets.</summary>
    /// <exception cref="ArgumentException">A label cannot travel.</exception>
    public static ContextLabels From(IReadOnlyDictionary<string, string> labels)
    {
        if (labels.Count == 0)
        {
            return Empty;
        }

        if (labels.Count > MaxLabels)
        {
            throw new ArgumentException($"There are {labels.Count} labels; a context holds at most {MaxLabels}.", nameof(labels));
        }

        var headers = new List<KeyValuePair<string, string>>(labels.Count);
        foreach (var (key, value) in labels)
        {
            if (!ContextSyntax.IsLabelKey(key))
            {
                throw new ArgumentException($"'{key}' cannot be a label: 1 to 64 lower-case letters, digits and '-' are "
                    + "allowed.", nameof(labels));
            }

            if (!HeaderWriter.IsValue(value))
            {
                throw new ArgumentException($"The value of label '{key}' cannot be sent: 1 to 1024 visible ASCII characters without "
                    + "spaces are allowed.", nameof(labels));
            }

            headers.Add(new(MeshHeaders.LabelPrefix + key, value));
        }

        return new ContextLabels([.. headers]);
    }
}
