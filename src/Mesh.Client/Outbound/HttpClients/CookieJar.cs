using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Reflection;

namespace Mesh.Client.Outbound.HttpClients;

/// <summary>Determines whether a new handler was given a cookie container.</summary>
/// <remarks>
/// The usual case is a container that is still empty (<c>new HttpClientHandler { CookieContainer = jar }</c>), and no public member tells
/// it from none: reading the property creates one. Hence the look at the runtime's field. If a later runtime has no such field, every new
/// handler that uses cookies counts as one with a container: keeping unwanted cookies, as plain HttpClient does, is better than losing
/// wanted ones.
/// </remarks>
internal static class CookieJar
{
    private const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic;
    private const string Settings = "System.Net.Http.HttpConnectionSettings";
    private const string Assembly = "System.Net.Http";

    /// <summary>Must be called before the handler's container is read.</summary>
    public static bool IsGiven(HttpMessageHandler handler) => handler switch
    {
        SocketsHttpHandler { UseCookies: true } sockets => IsGiven(sockets),
        HttpClientHandler { UseCookies: true } client => typeof(HttpClientHandler)
            .GetField("_underlyingHandler", Hidden)?.GetValue(client) is not SocketsHttpHandler inner
            || IsGiven(inner),
        _ => false,
    };

    [DynamicDependency("_cookieContainer", Settings, Assembly)]
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification =
        "The field is kept by the dependency above; without it the answer is still safe.")]
    private static bool IsGiven(SocketsHttpHandler handler)
    {
        var settings = typeof(SocketsHttpHandler).GetField("_settings", Hidden)?.GetValue(handler);
        var field = settings?.GetType().GetField("_cookieContainer", Hidden);
        return field is null || field.GetValue(settings) is CookieContainer;
    }
}
