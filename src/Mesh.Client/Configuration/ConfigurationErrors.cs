using Mesh.Client.Primitives;

namespace Mesh.Client.Configuration;

/// <summary>Collects what a validator finds, with the key it is about.</summary>
/// <param name="written">Gives the key that the user wrote for a key of the mesh: a mistake in
/// a key of Steeltoe's is reported there.</param>
/// <param name="isWritten">Whether the configuration has a key of the mesh.</param>
internal sealed class ConfigurationErrors(Func<string, string>? written = null, Func<string, bool>? isWritten = null)
{
    public static readonly TimeSpan Day = TimeSpan.FromHours(24);

    private readonly List<string> _found = [];
    private readonly HashSet<string> _unreadable = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<string> Found => _found;

    /// <summary>The key that the user wrote for a key of the mesh, for messages.</summary>
    public string Written(string key) => written?.Invoke(key) ?? key;

    public void Add(string key, string fault)
    {
        var place = Written(key);
        if (!_unreadable.Contains(place))
        {
            AddLine($"{place}: {fault}");
        }
    }

    /// <summary>Reports a value that cannot be read. Everything else found in it would only be a consequence and is left out.</summary>
    public void Unreadable(string key, string fault)
    {
        Add(key, fault);
        _unreadable.Add(key);
    }

    /// <summary>Shows control characters escaped: in a file with CRLF, a value that looks right may end in a carriage return, and a
    /// terminal would overwrite the line.</summary>
    public void AddLine(string line) => _found.Add(Printable.Escaped(line));

    public void Range(string key, TimeSpan? value, TimeSpan min, TimeSpan max)
    {
        if (value < min || value > max)
        {
            Add(key, $"{value} is out of range, {min:c} to {max:c}.");
        }
    }

    /// <summary>Like <see cref="Range(string, TimeSpan?, TimeSpan, TimeSpan)"/>, and <c>-00:00:00.001</c> stands for "none".</summary>
    public void RangeOrNone(string key, TimeSpan? value, TimeSpan min, TimeSpan max)
    {
        if (value != Timeout.InfiniteTimeSpan && (value < min || value > max))
        {
            Add(key, $"{value} is out of range, {min:c} to {max:c}, or -00:00:00.001 for none.");
        }
    }

    public void Range(string key, int? value, int min, int max)
    {
        if (value < min || value > max)
        {
            Add(key, max == int.MaxValue ? $"{value} is out of range, {min} or more." : $"{value} is out of range, {min} to {max}.");
        }
    }

    public void Ratio(string key, double? value, bool zeroAllowed = true)
    {
        // Written so that NaN fails.
        if (value is { } ratio && !(ratio <= 1 && (zeroAllowed ? ratio >= 0 : ratio > 0)))
        {
            Add(key, FormattableString.Invariant($"{ratio} is out of range, {(zeroAllowed ? "0 to 1" : "above 0, up to 1")}."));
        }
    }

    public void Known<T>(string key, T? value)
        where T : struct, Enum
    {
        if (value is { } choice && !Enum.IsDefined(choice))
        {
            Add(key, $"{choice} is none of {string.Join(", ", Enum.GetNames<T>())}.");
        }
    }

    /// <summary>One of some names; case does not matter.</summary>
    public void Known(string key, string? value, IReadOnlyCollection<string> names)
    {
        if (value is not null && !names.Contains(value, StringComparer.OrdinalIgnoreCase))
        {
            var closest = Suggestion.Closest(value, names);
            var hint = closest.Count == 0 ? "" : $" Did you mean '{string.Join("' or '", closest)}'?";
            Add(key, $"'{value}' is none of {string.Join(", ", names)}.{hint}");
        }
    }

    /// <summary>Absolute http or https addresses, each once. What is shown of them never holds a password.</summary>
    public void Addresses(string key, IList<string> addresses, bool userInfoAllowed)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < addresses.Count; i++)
        {
            var place = $"{key}:{i}";
            if (userInfoAllowed && addresses[i]?.Contains("${", StringComparison.Ordinal) == true)
            {
                // A placeholder may come from Spring's settings. In the place of a password it would be sent as the password.
                Add(
                    place,
                    "holds a placeholder (${…}), and placeholders are not resolved. Write the address, or set this key by an environment "
                        + "variable.");
            }
            else if (addresses[i] is { } written && IsList(written))
            {
                Add(place, $"holds several addresses. Write each as an entry of its own ({key}:0, {key}:1, …).");
            }
            else if (!Uri.TryCreate(addresses[i], UriKind.Absolute, out var uri)
                || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
            {
                Add(
                    place,
                    userInfoAllowed ? NotAnAddress(addresses[i])
                        : $"'{Show(addresses[i])}' is not an absolute http or https address, such as http://orders-1:8080.");
            }
            else if (Uri.CheckHostName(uri.IdnHost) is UriHostNameType.Unknown or UriHostNameType.Basic || uri.Port is < 1 or > 65535)
            {
                Add(place, $"{Show(uri)} has no valid host name or no port from 1 to 65535.");
            }
            else if (uri.UserInfo.Length > 0 && !userInfoAllowed)
            {
                Add(place, $"{Show(uri)} has a user name; credentials do not belong in an endpoint's address.");
            }
            else if (userInfoAllowed && uri.UserInfo.Length == 0 && addresses[i].Contains('@', StringComparison.Ordinal))
            {
                // The parser took everything before the first slash for host and port. It is not shown: it is the beginning of the
                // password.
                Add(place, $"'{Show(addresses[i])}' has an '@' behind its host. In a user name or password write / as %2F, ? as %3F, # as "
                    + "%23 and @ as %40.");
            }
            else if (uri.Query.Length > 0 || uri.Fragment.Length > 0)
            {
                Add(place, $"{Show(uri)} has a query or fragment; an address ends with its path.");
            }
            // Two spellings of one registry are one registry. An endpoint that is listed twice is probably a typing error for another one.
            else if (!userInfoAllowed
                && !seen.Add(uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.SafeUnescaped).TrimEnd('/')))
            {
                // The binder appends to lists: after a second binding each entry is there twice.
                Add(place, $"{Show(uri)} is listed twice." + (isWritten?.Invoke(place) == false
                    ? " The configuration has no such entry: code has added it, or has bound section Mesh once more "
                        + "(Configure<MeshOptions>), although AddMesh() binds it itself."
                    : string.Empty));
            }
        }
    }

    /// <summary>Whether the text is a list separated by commas, as Steeltoe and Spring have it. A single comma may stand in a path or a
    /// password.</summary>
    private static bool IsList(string addresses) =>
        addresses.Split(',').Skip(1).Any(static next =>
            next.TrimStart().StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            || next.TrimStart().StartsWith("https://", StringComparison.OrdinalIgnoreCase));

    /// <summary>What is wrong with the address of a registry, which may have a user name and a password.</summary>
    private static string NotAnAddress(string? address) =>
        address?.Count(static c => c == '@') > 1
            ? $"'{Show(address)}' has a user name or password with an '@'. Write it as %40, / as %2F, ? as %3F and # as %23."
        : $"'{Show(address)}' is not an absolute http or https address, such as http://localhost:8761/eureka/.";

    /// <summary>Never shows a password: a text that cannot be read as an address may still hold one.</summary>
    private static string Show(string? text)
    {
        text ??= "";
        if (text.LastIndexOf('@') is >= 0 and var at)
        {
            var scheme = text.IndexOf("://", StringComparison.Ordinal);
            text = (scheme >= 0 && scheme < at && Uri.CheckSchemeName(text[..scheme]) ? text[..(scheme + 3)] : "") + text[(at + 1)..];
        }

        return text.IndexOfAny(['?', '#']) is >= 0 and var end ? text[..end] : text;
    }

    private static string Show(Uri uri) => uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.SafeUnescaped);
}
