namespace Mesh.Client.Configuration;

/// <summary>One key of Steeltoe, and what becomes of it.</summary>
/// <param name="Path">The key.</param>
/// <param name="Effect">What becomes of it.</param>
/// <param name="Says">For one that works, the mesh's own key; else why not, and what to use instead.</param>
/// <param name="Concerns">For which values that matters; null for all.</param>
/// <param name="Value">What its value must be, for one that works; null for a text.</param>
internal sealed record SteeltoeKey(
    string Path, SteeltoeEffect Effect, string Says, Func<string, bool>? Concerns = null, KeySchema? Value = null)
{
    /// <summary>Placeholder for the registered host in the links that a registry shows. The registry resolves it.</summary>
    private const string HostOfPage = "${eureka.hostname}";

    public bool IsConcerned(string? value) => !string.IsNullOrWhiteSpace(value) && Concerns?.Invoke(value.Trim()) != false;

    /// <summary>What is wrong with a value, or null. Never shows the value: it may be a secret.</summary>
    public string? Check(string value) =>
        (Says.EndsWith("Url", StringComparison.Ordinal) ? value.Replace(HostOfPage, string.Empty, StringComparison.Ordinal) : value)
            .Contains("${", StringComparison.Ordinal)
            ? "holds a placeholder (${…}), and placeholders are not resolved. Write the value, or set this key by an environment variable."
            : Value is null ? null : ValueSyntax.Check(value.Trim(), Value);
}
