using Mesh.Client.Model;
using Mesh.Client.Options;

namespace Mesh.Client.Eureka;

/// <summary>Says what of Eureka is in use.</summary>
internal sealed class EurekaAdapter(RegistrySnapshot snapshot) : IDiscoveryAdapter
{
    public string Source => EurekaSource.SourceName;

    public bool IsRemembered => snapshot.IsUsed;

    public IEnumerable<string> Addresses(DiscoveryOptions options) => EurekaServers.All(options.Eureka);

    public bool Reads(DiscoveryOptions options) => EurekaSettings.From(options).Fetch;

    public bool Registers(DiscoveryOptions options) => EurekaSettings.From(options).Register;

    public string WhyUnread(DiscoveryOptions options) =>
        Addresses(options).Any()
            ? "The registry is not read (Mesh:Discovery:Eureka:Fetch is false)."
            : "No registry is configured (Mesh:Discovery:Eureka:ServiceUrls; Steeltoe's default, http://localhost:8761/eureka/, is not "
                + "assumed).";
}
