using System.Globalization;

namespace Mesh.Client.FunctionalTests;

/// <summary>Configuration of section <c>Mesh</c>, key by key.</summary>
internal sealed class Settings : Dictionary<string, string?>
{
    public static Settings Service(string name, params string[] endpoints) => new Settings().AndService(name, endpoints);

    /// <summary>Discovery by a registry, with short clocks.</summary>
    public static Settings Registry(string url) => new Settings()
        .With("Discovery:Eureka:ServiceUrls:0", url)
        .With("Discovery:Eureka:FetchInterval", TimeSpan.FromMilliseconds(200))
        .With("Discovery:Eureka:HeartbeatInterval", TimeSpan.FromMilliseconds(500))
        .With("Discovery:Eureka:LeaseDuration", TimeSpan.FromSeconds(30));

    public Settings AndService(string name, params string[] endpoints)
    {
        for (var i = 0; i < endpoints.Length; i++)
        {
            this[$"Mesh:Services:{name}:Endpoints:{i}"] = endpoints[i];
        }

        return this;
    }

    /// <param name="key">Below <c>Mesh</c>.</param>
    /// <param name="value">Its value.</param>
    public Settings With(string key, string value)
    {
        this["Mesh:" + key] = value;
        return this;
    }

    public Settings With(string key, TimeSpan value) => With(key, value.ToString("c", CultureInfo.InvariantCulture));
}
