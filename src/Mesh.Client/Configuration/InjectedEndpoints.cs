using Mesh.Client.Options;
using Mesh.Client.Primitives;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Configuration;

/// <summary>Reads the addresses that Aspire's host injects (<c>services__catalog__http__0</c>) and that
/// Microsoft.Extensions.ServiceDiscovery reads, for services that nothing else has given endpoints.</summary>
/// <remarks>Applied after the settings in code, which take precedence. A section of this name may hold other things: whatever is not an
/// address is ignored.</remarks>
internal sealed class InjectedEndpoints(MeshConfigurationSource source) : IPostConfigureOptions<MeshOptions>
{
    public const string Section = "services";

    private static readonly string[] ServicesOwn = ["default", "http", "https"];

    public void PostConfigure(string? name, MeshOptions options)
    {
        foreach (var service in source.Application.GetSection(Section).GetChildren())
        {
            if (!ServiceName.IsValid(service.Key))
            {
                continue;
            }

            // As Microsoft.Extensions.ServiceDiscovery has it.
            var byDefault = Addresses(service.GetSection("default"), scheme: null);
            Put(
                options,
                service.Key,
                byDefault.Count > 0
                    ? byDefault
                    : Paired(Addresses(service.GetSection("http"), "http"), Addresses(service.GetSection("https"), "https")));
            foreach (var endpoint in service.GetChildren())
            {
                // A named endpoint is another service to its callers: https://_admin.catalog is catalog-admin here.
                var own = $"{service.Key}-{endpoint.Key}";
                if (!ServicesOwn.Contains(endpoint.Key, StringComparer.OrdinalIgnoreCase) && ServiceName.IsValid(own))
                {
                    Put(options, own, Addresses(endpoint, scheme: null));
                }
            }
        }
    }

    private static void Put(MeshOptions options, string name, List<EndpointOptions> endpoints)
    {
        if (endpoints.Count == 0)
        {
            return;
        }

        var known = options.Services.FirstOrDefault(pair => pair.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
        if (known is null)
        {
            options.Services[name] = known = new ServiceOptions();
        }

        // Plain ones would never be used where TLS is required.
        if (known.TlsName is not null || (known.RequireTls ?? options.Defaults.RequireTls ?? false))
        {
            endpoints.RemoveAll(
                static endpoint => endpoint.SecurePort == 0 && endpoint.Address.StartsWith("http:", StringComparison.Ordinal));
        }

        if (known.Endpoints.Count == 0)
        {
            known.Endpoints = endpoints;
        }
    }

    /// <summary>An application with both schemes listens on two ports of one instance: it is one endpoint.</summary>
    private static List<EndpointOptions> Paired(List<EndpointOptions> plain, List<EndpointOptions> secure)
    {
        if (plain.Count != secure.Count || !plain.Zip(secure).All(static pair => HostOf(pair.First) == HostOf(pair.Second)))
        {
            return [.. plain, .. secure];
        }

        foreach (var (endpoint, overTls) in plain.Zip(secure))
        {
            endpoint.SecurePort = new Uri(overTls.Address).Port;
        }

        return plain;
    }

    private static string HostOf(EndpointOptions endpoint) => new Uri(endpoint.Address).IdnHost;

    /// <param name="section">One address, or a list of them.</param>
    /// <param name="scheme">The only scheme allowed, which an address may leave out; null if both are allowed, and an address must name
    /// one.</param>
    private static List<EndpointOptions> Addresses(IConfigurationSection section, string? scheme)
    {
        var texts = section.Value is { } single ? [single] : section.GetChildren().Select(static child => child.Value);
        List<EndpointOptions> found = [];
        foreach (var text in texts)
        {
            var written = scheme is not null && text?.Contains("://", StringComparison.Ordinal) == false ? $"{scheme}://{text}" : text;
            if (Uri.TryCreate(written, UriKind.Absolute, out var address)
                && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
                && address is { UserInfo.Length: 0, Query.Length: 0, Fragment.Length: 0 }
                && !found.Exists(other => other.Address == address.AbsoluteUri))
            {
                found.Add(new EndpointOptions { Address = address.AbsoluteUri });
            }
        }

        return found;
    }
}
