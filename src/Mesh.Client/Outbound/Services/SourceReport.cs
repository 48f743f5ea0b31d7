using Mesh.Client.Discovery;
using Mesh.Client.Model;
using Mesh.Client.Options;

namespace Mesh.Client.Outbound.Services;

/// <summary>Why a name may be missing among the services, as a sentence for messages.</summary>
internal static class SourceReport
{
    public static string Describe(
        IReadOnlyCollection<IDiscoveryAdapter> adapters, DiscoveryOptions options, SourceSignals refresh, TimeProvider time) =>
        refresh.Reading is { } reading ? reading.Describe(time)
        : adapters.Any(adapter => adapter.Reads(options)) ? "The registry has given no usable answer yet."
        : string.Join(' ', adapters.Select(adapter => adapter.WhyUnread(options)));
}
