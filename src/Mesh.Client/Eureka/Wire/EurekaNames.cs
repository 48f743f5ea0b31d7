namespace Mesh.Client.Eureka.Wire;

/// <summary>The names of an instance. Instances of an application have the same names and share the object.</summary>
/// <param name="app">The application, in upper case.</param>
/// <param name="vipAddress">Names it can be called by, comma separated.</param>
/// <param name="secureVipAddress">The same for TLS.</param>
internal sealed class EurekaNames(string app, string? vipAddress, string? secureVipAddress)
{
    private string[]? _all;
    private int _plain;

    public string App => app;

    public string? VipAddress => vipAddress;

    public string? SecureVipAddress => secureVipAddress;

    /// <summary>The services that an instance belongs to, each once, whatever its state: a name known to the registry must never be taken
    /// for a DNS host. Names for TLS only come last.</summary>
    public string[] All
    {
        get
        {
            if (_all is null)
            {
                var hasSecure = !string.IsNullOrEmpty(secureVipAddress) && secureVipAddress != vipAddress;
                _all = Distinct(secure: hasSecure);
                _plain = hasSecure ? Distinct(secure: false).Length : _all.Length;
            }

            return _all;
        }
    }

    /// <summary>How many of <see cref="All"/> can also be called without TLS.</summary>
    public int PlainCount => All.Length == 0 ? 0 : _plain;

    private string[] Distinct(bool secure) => [.. EurekaEndpoint.NamesOf(this, secure).Distinct(StringComparer.Ordinal)];
}
