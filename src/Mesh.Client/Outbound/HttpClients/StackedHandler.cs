namespace Mesh.Client.Outbound.HttpClients;

/// <summary>Recognizes handlers that do the mesh's work a second time.</summary>
internal static class StackedHandler
{
    private const string Resilience = "Microsoft.Extensions.Http.Resilience.ResilienceHandler";
    private const string Polly = "Microsoft.Extensions.Http.PolicyHttpMessageHandler";
    private const string ServiceDiscovery = "Microsoft.Extensions.ServiceDiscovery.Http.";
    private const string Steeltoe = "Steeltoe.";

    /// <summary>By type name: none of these packages has to be present. Derived classes count, too.</summary>
    public static StackedKind? KindOf(HttpMessageHandler? handler)
    {
        for (var type = handler?.GetType(); type is not null && type != typeof(HttpMessageHandler); type = type.BaseType)
        {
            if (KindOf(type.FullName ?? string.Empty) is { } kind)
            {
                return kind;
            }
        }

        return null;
    }

    private static StackedKind? KindOf(string type) => type switch
    {
        Resilience => StackedKind.Resilience,
        Polly => StackedKind.Polly,
        _ when type.StartsWith(ServiceDiscovery, StringComparison.Ordinal) => StackedKind.ServiceDiscovery,

        // DiscoveryHttpMessageHandler, DiscoveryHttpClientHandler, DiscoveryHttpDelegatingHandler`1: one name for each of its versions.
        _ when type.StartsWith(Steeltoe, StringComparison.Ordinal)
        && type.Contains(".DiscoveryHttp", StringComparison.Ordinal) => StackedKind.Steeltoe,
        _ => null,
    };
}
