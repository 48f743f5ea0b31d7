namespace Mesh.Client.Eureka.Wire;

/// <summary>What an instance is called by. Instances of an application have the same names, and so the same object.</summary>
/// <param name="app">The application, in upper case.</param>
/// <param name="vipAddress">Names it can be called by, comma separated.</param>
/// <param name="secureVipAddress">The same for TLS.</param>
internal sealed class EurekaNames(string app, string? vipAddress, string? secureVipAddress)
{
    private string[]? _plain;
    private string[]? _secure;

    public string App => app;

    public string? VipAddress => vipAddress;

    public string? SecureVipAddress => secureVipAddress;

    /// <summary>The services that an instance belongs to, each once.</summary>
    /// <param name="secure">Whether it is called over TLS.</param>
    public string[] Services(bool secure)
    {
        ref var services = ref secure ? ref _secure : ref _plain;
        return services ??= [.. EurekaEndpoint.NamesOf(this, secure).Distinct(StringComparer.Ordinal)];
    }
}
