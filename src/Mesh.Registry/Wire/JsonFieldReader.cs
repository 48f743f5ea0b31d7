using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Mesh.Registry.Instances;

namespace Mesh.Registry.Wire;

/// <summary>
/// Reads single values as leniently as a real server: numbers and booleans also as strings, and vice versa. It keeps the first problem, so
/// that the reader can go straight on and check once at the end.
/// </summary>
internal sealed class JsonFieldReader(RegistrySettings settings)
{
    private int _metadataBytes;

    public string? Problem { get; private set; }

    /// <summary>Gets the field of <see cref="Problem"/>.</summary>
    public string? Field { get; private set; }

    public string? Name(string field, JsonElement element) => Bounded(field, element, settings.MaxNameLength);

    public string? Text(string field, JsonElement element) => Bounded(field, element, settings.MaxTextLength);

    public int Int(string field, JsonElement element, int fallback) =>
        (int)Math.Clamp(Long(field, element, fallback), int.MinValue, int.MaxValue);

    /// <summary>Reads a number. A text that is not a number counts as absent, as on a real server; a number that is too large does
    /// not.</summary>
    public long Long(string field, JsonElement element, long fallback)
    {
        var text = Scalar(field, element);
        if (string.IsNullOrEmpty(text))
        {
            return fallback;
        }

        if (WireNumber.TryParse(text, out var value))
        {
            return value;
        }

        if (element.ValueKind == JsonValueKind.Number)
        {
            Fail(field, RegistrationProblems.Unparsable);
        }

        return fallback;
    }

    /// <summary>Reads a port. Missing parts have their defaults; an unknown part makes a real server refuse it.</summary>
    /// <remarks>A flag of null counts as absent; a real server would silently close the port. A number of null is 0 as there, but only for
    /// a disabled port.</remarks>
    public PortBinding Port(string field, JsonElement element, PortBinding fallback)
    {
        if (element.ValueKind == JsonValueKind.Null)
        {
            return fallback;
        }

        if (element.ValueKind != JsonValueKind.Object)
        {
            Fail(field, RegistrationProblems.Unparsable);
            return fallback;
        }

        var (number, enabled, hasNumber) = ((long)fallback.Number, fallback.Enabled, true);
        foreach (var part in element.EnumerateObject())
        {
            if (part.NameEquals("@enabled"u8))
            {
                enabled = part.Value.ValueKind == JsonValueKind.Null ? fallback.Enabled : Flag(field, part.Value);
            }
            else if (part.NameEquals("$"u8) && part.Value.ValueKind == JsonValueKind.Null)
            {
                (number, hasNumber) = (0, false);
            }
            else if (!part.NameEquals("$"u8)
                || !WireNumber.TryParse(Scalar(field, part.Value), out number)
                || number is < 0 or > 65_535)
            {
                // A real server takes 0 for a text that is not a number: an instance that silently cannot be called.
                Fail(field, RegistrationProblems.Unparsable);
            }
            else
            {
                hasNumber = true;
            }
        }

        if (enabled && !hasNumber)
        {
            Fail(field, RegistrationProblems.NoPortNumber(field));
        }

        return new PortBinding((int)Math.Clamp(number, 0, 65_535), enabled);
    }

    /// <summary>Reads a map of texts; <c>@class</c> marks the sender's own type and is not an entry.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Map(string field, JsonElement element)
    {
        // PHP writes an empty map as an empty list.
        if (element.ValueKind == JsonValueKind.Null || (element.ValueKind == JsonValueKind.Array && element.GetArrayLength() == 0))
        {
            return [];
        }

        if (element.ValueKind != JsonValueKind.Object)
        {
            Fail(field, RegistrationProblems.Unparsable);
            return [];
        }

        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            if (!property.NameEquals("@class"u8))
            {
                var value = Scalar(field, property.Value) ?? "null";
                // The entry that a registry has added must not make the metadata too large for another one.
                _metadataBytes += settings.Ordinals && property.NameEquals(Ordinals.Key)
                    ? 0
                    : Encoding.UTF8.GetByteCount(property.Name) + Encoding.UTF8.GetByteCount(value);
                if (!WireText.IsClean(property.Name) || !WireText.IsClean(value))
                {
                    Fail(field, RegistrationProblems.NotClean(field));
                }

                entries[property.Name] = value;
            }
        }

        if (_metadataBytes > settings.MaxMetadataBytes)
        {
            Fail(field, RegistrationProblems.TooMuchMetadata(settings.MaxMetadataBytes));
        }

        return [.. entries];
    }

    /// <summary>
    /// A real server refuses an unknown field that is, or directly holds, an array, and skips any other.
    /// A client that passes here must pass there.
    /// </summary>
    public void Unknown(string field, JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array
            || (element.ValueKind == JsonValueKind.Object && element.EnumerateObject()
                .Any(static child => child.Value.ValueKind == JsonValueKind.Array)))
        {
            Fail(field, RegistrationProblems.Unparsable);
        }
    }

    public string? Scalar(string field, JsonElement element)
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
                Fail(field, RegistrationProblems.Unparsable);
                return null;
        }
    }

    public void Fail(string field, string problem)
    {
        if (Problem is null)
        {
            (Field, Problem) = (field, problem);
        }
    }

    // Languages without booleans write the number 1. The text "1" is false on a real server too.
    private bool Flag(string field, JsonElement element) => element.ValueKind == JsonValueKind.Number
        ? element.GetDouble() != 0
        : Scalar(field, element) is { } text && text.AsSpan().Trim().Equals("true", StringComparison.OrdinalIgnoreCase);

    private string? Bounded(string field, JsonElement element, int limit)
    {
        var text = Scalar(field, element);
        if (text is null)
        {
            return null;
        }

        if (text.Length > limit)
        {
            Fail(field, RegistrationProblems.TooLong(field, limit));
        }
        else if (!WireText.IsClean(text))
        {
            Fail(field, RegistrationProblems.NotClean(field));
        }

        return text;
    }
}
