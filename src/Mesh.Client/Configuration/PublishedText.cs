using Mesh.Client.Discovery;
using Mesh.Client.Primitives;

namespace Mesh.Client.Configuration;

/// <summary>Checks what is published of this application: readers of a registry drop a value that is too long, or not a single line of
/// text.</summary>
internal static class PublishedText
{
    public static void ValidateLabel(string key, string name, string? value, ConfigurationErrors mistakes)
    {
        // The mistake shows the name, and is reported under the section that holds it.
        var entry = mistakes.Written($"{key}:{name}");
        ValidateLine(entry[..^(name.Length + 1)], name, RegistryLimits.LabelKeyLength, mistakes);
        ValidateValue(entry, value, mistakes);
    }

    /// <summary>The value of a label that has a key of its own.</summary>
    public static void ValidateValue(string key, string? value, ConfigurationErrors mistakes) =>
        ValidateLine(key, value, RegistryLimits.LabelValueLength, mistakes);

    public static void ValidateLine(string key, string? text, int longest, ConfigurationErrors mistakes)
    {
        if (text is not null && !Printable.IsLine(text))
        {
            mistakes.Add(key, $"'{Printable.Of(text)}' holds control characters: other instances would leave it out.");
        }
        else if (text?.Length > longest)
        {
            mistakes.Add(key, $"'{Printable.Of(text, 40)}' has more than {longest} characters: other instances would leave it out.");
        }
    }
}
