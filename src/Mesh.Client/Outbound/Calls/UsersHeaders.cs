using System.Net.Http.Headers;

namespace Mesh.Client.Outbound.Calls;

/// <summary>Headers of the user that an attempt replaces by its own: removed before it, and restored after it.</summary>
internal static class UsersHeaders
{
    /// <returns>The removed headers; null for none.</returns>
    public static List<(string Name, string[] Values)>? SetAside(HttpRequestHeaders headers, params ReadOnlySpan<string> names)
    {
        List<(string Name, string[] Values)>? users = null;
        foreach (var name in names)
        {
            if (headers.NonValidated.TryGetValues(name, out var values))
            {
                (users ??= []).Add((name, [.. values]));
                headers.Remove(name);
            }
        }

        return users;
    }

    /// <summary>Removes all headers whose names begin alike.</summary>
    /// <returns>The removed headers; null for none.</returns>
    public static List<(string Name, string[] Values)>? SetAsideAll(HttpRequestHeaders headers, string prefix)
    {
        List<(string Name, string[] Values)>? users = null;
        foreach (var (name, values) in headers.NonValidated)
        {
            if (name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                (users ??= []).Add((name, [.. values]));
            }
        }

        foreach (var (name, _) in users ?? [])
        {
            headers.Remove(name);
        }

        return users;
    }

    /// <summary>Restores them exactly as the user has written them; they stay on the user's own object.</summary>
    public static void PutBack(HttpRequestHeaders headers, List<(string Name, string[] Values)>? users)
    {
        foreach (var (name, values) in users ?? [])
        {
#pragma warning disable RS0030
            headers.TryAddWithoutValidation(name, values);
#pragma warning restore RS0030
        }
    }
}
