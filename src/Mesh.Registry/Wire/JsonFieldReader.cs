using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Mesh.Registry;

/// <summary>
/// Reads single values as leniently as a real server does: numbers and booleans also as strings and the other way round.
/// Keeps the first problem it meets, so that reading goes straight on and is judged once at the end.
/// </summary>
internal sealed class JsonFieldReader(RegistrySettings settings)
{
    private int _metadataBytes;

    public string? Problem { get; private set; }

    public string? Name(string field, JsonElement element) => Bounded(field, element, settings.MaxNameLength);

    public string? Text(string field, JsonElement element) => Bounded(field, element, settings.MaxTextLength);

    public int Int(JsonElement element, int fallback) => (int)Math.Clamp(Long(element, fallback), int.MinValue, int.MaxValue);

    public long Long(JsonElement element, long fallback)
    {
        var text = Scalar(element);
        if (string.IsNullOrEmpty(text))
        {
            return fallback;
        }

        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
        {
            Fail(RegistrationProblems.Unparsable);
        }

        return value;
    }

    public PortBinding Port(JsonElement element, PortBinding fallback)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            Fail(RegistrationProblems.Unparsable);
            return fallback;
        }

        var number = element.TryGetProperty("$", out var value) ? Int(value, fallback.Number) : fallback.Number;
        var enabled = !element.TryGetProperty("@enabled", out var flag) || string.Equals(Scalar(flag), "true", StringComparison.OrdinalIgnoreCase);
        if (number is < 0 or > 65_535)
        {
            Fail(RegistrationProblems.Unparsable);
        }

        return new PortBinding(number, enabled);
    }

    /// <summary>Reads a map of texts; <c>@class</c> is the marker of the sender's own type and no entry.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Map(string field, JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        if (element.ValueKind != JsonValueKind.Object)
        {
            Fail(RegistrationProblems.Unparsable);
            return [];
        }

        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            if (!property.NameEquals("@class"u8))
            {
                var value = Scalar(property.Value) ?? "null";
                // What a registry has added must not make it too much for another.
                _metadataBytes += settings.Ordinals && property.NameEquals(Ordinals.Key) ? 0 : Encoding.UTF8.GetByteCount(property.Name) + Encoding.UTF8.GetByteCount(value);
                if (!WireText.IsClean(property.Name) || !WireText.IsClean(value))
                {
                    Fail(RegistrationProblems.NotClean(field));
                }

                entries[property.Name] = value;
            }
        }

        if (_metadataBytes > settings.MaxMetadataBytes)
        {
            Fail(RegistrationProblems.TooMuchMetadata(settings.MaxMetadataBytes));
        }

        return [.. entries];
    }

    /// <summary>
    /// A real server refuses an unknown field that is, or directly holds, an array, and skips any other.
    /// A client that passes here must pass there.
    /// </summary>
    public void Unknown(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array
            || (element.ValueKind == JsonValueKind.Object && element.EnumerateObject().Any(static child => child.Value.ValueKind == JsonValueKind.Array)))
        {
            Fail(RegistrationProblems.Unparsable);
        }
    }

    public string? Scalar(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                return element.GetString();
            case JsonValueKind.Number:
                return element.GetRawText();
            case JsonValueKind.True:
                return "true";
            case JsonValueKind.False:
                return "false";
            case JsonValueKind.Null:
                return null;
            default:
                Fail(RegistrationProblems.Unparsable);
                return null;
        }
    }

    public void Fail(string problem) => Problem ??= problem;

    private string? Bounded(string field, JsonElement element, int limit)
    {
        var text = Scalar(element);
        if (text is null)
        {
            return null;
        }

        if (text.Length > limit)
        {
            Fail(RegistrationProblems.TooLong(field, limit));
        }
        else if (!WireText.IsClean(text))
        {
            Fail(RegistrationProblems.NotClean(field));
        }

        return text;
    }
}
