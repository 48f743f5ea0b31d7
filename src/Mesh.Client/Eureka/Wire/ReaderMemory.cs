using System.Runtime.CompilerServices;
using System.Text;
using Mesh.Client.Model;

namespace Mesh.Client.Eureka.Wire;

/// <summary>Values of earlier answers, reused instead of built again.</summary>
/// <remarks>Of a fixed size, whatever a registry sends. Used by one reader at a time.</remarks>
internal sealed class ReaderMemory
{
    private const int Places = 1024;

    private readonly EurekaNames?[] _names = new EurekaNames?[Places];
    private readonly LabelMap?[] _labels = new LabelMap?[Places];
    private readonly LabelMap?[] _keys = new LabelMap?[Places];

    public ReaderMemory() => Instances = new InstanceReader(this);

    public TextCache Texts { get; } = new();

    public InstanceReader Instances { get; }

    /// <summary>The instances of the last answer; null while there is none. Must not change while a reader is at work.</summary>
    public IKnownInstances? Known { get; set; }

    public EurekaNames NamesOf(string app, string? vip, string? secureVip)
    {
        // By reference: the strings come from the cache, so equal ones are nearly always the same object; a miss only costs sharing.
        var hash = HashCode.Combine(
            RuntimeHelpers.GetHashCode(app), RuntimeHelpers.GetHashCode(vip), RuntimeHelpers.GetHashCode(secureVip));
        ref var place = ref _names[hash & (Places - 1)];
        return place is { } names && names.App == app && names.VipAddress == vip && names.SecureVipAddress == secureVip
            ? names
            : place = new EurekaNames(app, vip, secureVip);
    }

    /// <param name="texts">Contains the texts of the labels.</param>
    /// <param name="labels">The keys, each once, and values.</param>
    public LabelMap LabelsOf(byte[] texts, ReadOnlySpan<(TextRange Key, TextRange Value)> labels)
    {
        if (labels.IsEmpty)
        {
            return LabelMap.Empty;
        }

        var keyHash = 0u;
        var hash = 0u;
        foreach (var (key, value) in labels)
        {
            keyHash = (keyHash * 31) + TextCache.HashOf(key.Of(texts));
            hash = (hash * 31) + TextCache.HashOf(value.Of(texts));
        }

        ref var shape = ref _keys[keyHash & (Places - 1)];
        ref var place = ref _labels[(hash ^ keyHash) & (Places - 1)];
        if (place is { } known && Same(known, texts, labels, withValues: true))
        {
            return known;
        }

        var values = new string[labels.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Texts.Get(labels[i].Value.Of(texts));
        }

        place = shape is { } alike && Same(alike, texts, labels, withValues: false)
            ? alike.With(values)
            : new LabelMap(KeysOf(texts, labels), values);
        return shape = place;
    }

    /// <summary>Whether a map has exactly these labels, in this order.</summary>
    public static bool Same(LabelMap map, byte[] texts, ReadOnlySpan<(TextRange Key, TextRange Value)> labels, bool withValues)
    {
        if (map.Count != labels.Length)
        {
            return false;
        }

        var keys = map.KeyList;
        var values = map.ValueList;
        for (var i = 0; i < labels.Length; i++)
        {
            if (!Same(keys[i], labels[i].Key.Of(texts)) || (withValues && !Same(values[i], labels[i].Value.Of(texts))))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the two texts are equal.</summary>
    public static bool Same(string text, ReadOnlySpan<byte> utf8) =>
        Ascii.Equals(utf8, text) || (!Ascii.IsValid(utf8) && Encoding.UTF8.GetString(utf8) == text);

    private string[] KeysOf(byte[] texts, ReadOnlySpan<(TextRange Key, TextRange Value)> labels)
    {
        var keys = new string[labels.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = Texts.Get(labels[i].Key.Of(texts));
        }

        return keys;
    }
}
