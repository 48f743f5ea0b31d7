using Microsoft.Extensions.Configuration;

namespace Mesh.Client.Configuration;

/// <summary>Lists that a later provider of the configuration replaces as a whole. .NET merges lists by place, which would mix two
/// routes.</summary>
internal static class WholeLists
{
    /// <summary>The values that a later list has replaced, by full key.</summary>
    /// <param name="root">Where the section is from.</param>
    /// <param name="lists">The full keys of the lists.</param>
    public static HashSet<string> Replaced(IConfiguration root, IEnumerable<string> lists)
    {
        var replaced = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        if (root is not IConfigurationRoot { Providers: var providers })
        {
            return replaced;
        }

        foreach (var list in lists)
        {
            if (providers.LastOrDefault(provider => Has(provider, list)) is { } last)
            {
                // A section may stand where there was a value: of what has a value, only the one that is written there counts.
                replaced.UnionWith(root.GetSection(list).AsEnumerable()
                    .Where(pair => pair.Value is null ? !Has(last, pair.Key) : !last.TryGet(pair.Key, out _))
                    .Select(static pair => pair.Key));
            }
        }

        return replaced;
    }

    private static bool Has(IConfigurationProvider provider, string key) =>
        provider.TryGet(key, out _) || provider.GetChildKeys([], key).Any();
}
