namespace Mesh.Client.DependencyInjection;

/// <summary>One key of Steeltoe, and what becomes of it.</summary>
/// <param name="Path">The key.</param>
/// <param name="Effect">What becomes of it.</param>
/// <param name="Says">For one that works, the mesh's own key; else why not, and what to use instead.</param>
/// <param name="Concerns">For which values that matters; null for all.</param>
internal sealed record SteeltoeKey(string Path, SteeltoeEffect Effect, string Says, Func<string, bool>? Concerns = null)
{
    public bool IsConcerned(string? value) => !string.IsNullOrWhiteSpace(value) && Concerns?.Invoke(value.Trim()) != false;
}
