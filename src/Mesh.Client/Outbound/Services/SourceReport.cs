using Mesh.Client.Discovery;
using Mesh.Client.Eureka;

namespace Mesh.Client.Outbound.Services;

/// <summary>Why a name may be missing among the services, as a sentence for messages.</summary>
internal static class SourceReport
{
    public static string Describe(DiscoveryOptions options, RefreshSignal refresh, TimeProvider time) =>
        refresh.Reading is { } reading ? reading.Describe(time)
        : !EurekaServers.All(options.Eureka).Any() ? "No registry is configured (Mesh:Discovery:Eureka:ServiceUrls; Steeltoe's default, "
            + "http://localhost:8761/eureka/, is not assumed)."
        : options.Eureka.Fetch == false ? "The registry is not read (Mesh:Discovery:Eureka:Fetch is false)."
        : "The registry has given no usable answer yet.";
}
