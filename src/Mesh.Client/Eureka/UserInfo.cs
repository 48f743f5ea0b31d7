namespace Mesh.Client.Eureka;

/// <summary>Reads user and password from an address.</summary>
internal static class UserInfo
{
    public static (string User, string Password) Of(Uri uri)
    {
        var text = uri.UserInfo;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return (Uri.UnescapeDataString(colon < 0 ? text : text[..colon]), colon < 0 ? string.Empty
            : Uri.UnescapeDataString(text[(colon + 1)..]));
    }
}
