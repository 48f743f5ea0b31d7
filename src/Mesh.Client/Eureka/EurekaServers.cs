using Mesh.Client.Options;

namespace Mesh.Client.Eureka;

/// <summary>The servers, in the order in which they are asked.</summary>
internal static class EurekaServers
{
    /// <summary>Own zone, then those without a zone, then the other zones by name, so that all
    /// instances of a zone agree on the order.</summary>
    public static IEnumerable<string> InOrder(EurekaOptions options, string? zone)
    {
        var own = options.PreferSameZone != false && zone is { Length: > 0 } ? zone : null;
        var others = options.ZoneServiceUrls
            .OrderBy(static pair => pair.Key, StringComparer.OrdinalIgnoreCase)
            .Where(pair => own is null || !pair.Key.Equals(own, StringComparison.OrdinalIgnoreCase))
            .SelectMany(static pair => pair.Value);
        return OfZone(options, own)
            .Concat(options.ServiceUrls)
            .Concat(others)
            .DistinctBy(static url => url?.Trim().TrimEnd('/'), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>All of them, in no order.</summary>
    public static IEnumerable<string> All(EurekaOptions options) =>
        options.ServiceUrls.Concat(options.ZoneServiceUrls.Values.SelectMany(static urls => urls));

    private static IEnumerable<string> OfZone(EurekaOptions options, string? zone) =>
        options.ZoneServiceUrls.Where(
            pair => pair.Key.Equals(zone, StringComparison.OrdinalIgnoreCase)).SelectMany(static pair => pair.Value);
}
