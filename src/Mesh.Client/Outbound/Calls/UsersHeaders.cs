using System.Net.Http.Headers;

namespace Mesh.Client.Outbound.Calls;

/// <summary>Headers of the user's in whose place an attempt carries its own: taken off before it, and put back after it.</summary>
internal static class UsersHeaders
{
    /// <returns>What was there; null for nothing.</returns>
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

    /// <summary>As the user had written them, whatever that was; they stay on the user's own object.</summary>
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
