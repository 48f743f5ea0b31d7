using Mesh.Client.Options;
using Mesh.Client.Outbound.Balancing;
using Mesh.Client.Primitives;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Configuration;

/// <summary>Lists every mistake of the configuration: keys first, then values.</summary>
internal sealed class MeshOptionsValidator(
    MeshConfigurationSource source, KeyWalker walker, LoadBalancerCatalog balancers, IEnumerable<ISettingsValidator> adapters)
    : IValidateOptions<MeshOptions>
{
    public ValidateOptionsResult Validate(string? name, MeshOptions options)
    {
        var mistakes = new ConfigurationErrors(Written, key => Own(key) is not null);
        foreach (var mistake in walker.Walk(source.Mesh))
        {
            mistakes.AddLine(mistake.Text);
        }

        SteeltoeMistakes.Validate(source.Application, source.Mesh, mistakes);
        var root = source.Mesh.Path;
        mistakes.Known<StackedHandlers>($"{root}:StackedHandlers", options.StackedHandlers);
        ValidateIdentity($"{root}:Service", options.Service, options.Discovery.Eureka.Metadata, mistakes);
        if (options.Domain is { Length: > 0 } domain && !ServiceName.IsValid(domain.TrimStart('.')))
        {
            mistakes.Add($"{root}:Domain", $"'{domain}' is not a DNS suffix, such as mesh.local.");
        }

        foreach (var adapter in adapters)
        {
            adapter.Validate(root, options, mistakes);
        }

        ValidateDiscovery($"{root}:Discovery", options.Discovery, mistakes);
        ValidateServices(root, options, mistakes);
        EndpointPolicyOptionsValidator.Validate($"{root}:Security:Endpoints", options.Security.Endpoints, mistakes);
        ValidateContext($"{root}:Context:Baggage", options.Context, mistakes);
        ValidateInbound($"{root}:Inbound:TrustedNetworks", options.Inbound, mistakes);
        mistakes.Known($"{root}:Inbound:UntrustedTraceContext", options.Inbound.UntrustedTraceContext);
        mistakes.Known<RegistrationTrigger>($"{root}:Lifecycle:RegisterWhen", options.Lifecycle.RegisterWhen);
        mistakes.Range($"{root}:Lifecycle:DrainDelay", options.Lifecycle.DrainDelay, TimeSpan.Zero, ConfigurationErrors.Day);
        mistakes.Range($"{root}:Lifecycle:DrainTimeout", options.Lifecycle.DrainTimeout, TimeSpan.Zero, ConfigurationErrors.Day);

        return mistakes.Found.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes.Found);
    }

    private static void ValidateIdentity(
        string key, ServiceIdentityOptions options, IDictionary<string, string> metadata, ConfigurationErrors mistakes)
    {
        if (options.Name is { } name && !ServiceName.IsValid(name))
        {
            mistakes.Add($"{key}:Name", $"'{name}' cannot be a service name: {ServiceName.Rule}.");
        }

        PublishedText.ValidateValue($"{key}:Version", options.Version, mistakes);
        if (options.Zone is { } zone && !(metadata.TryGetValue("zone", out var published) && published == zone))
        {
            // In Steeltoe's metadata one text is both; it is one mistake.
            PublishedText.ValidateValue($"{key}:Zone", zone, mistakes);
        }

        if (options.Labels.Keys.Any(string.IsNullOrWhiteSpace))
        {
            mistakes.Add($"{key}:Labels", "a label has no name.");
        }

        foreach (var (label, value) in options.Labels)
        {
            PublishedText.ValidateLabel($"{key}:Labels", label, value, mistakes);
        }
    }

    private static void ValidateDiscovery(string key, DiscoveryOptions options, ConfigurationErrors mistakes)
    {
        mistakes.Range($"{key}:EmptyRegistryGrace", options.EmptyRegistryGrace, TimeSpan.Zero, TimeSpan.FromDays(365));
        mistakes.Range($"{key}:StartupWait", options.StartupWait, TimeSpan.Zero, ConfigurationErrors.Day);
        mistakes.Range($"{key}:SnapshotMaxAge", options.SnapshotMaxAge, TimeSpan.FromMinutes(1), TimeSpan.FromDays(365));
        if (options.SnapshotFile is { Length: > 0 } file)
        {
            if (Directory.Exists(file))
            {
                mistakes.Add($"{key}:SnapshotFile", $"'{file}' is a directory; write the name of a file in it.");
            }
            else if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } directory && !Directory.Exists(directory))
            {
                mistakes.Add($"{key}:SnapshotFile", $"there is no directory '{directory}'.");
            }
        }
    }

    private static void ValidateContext(string key, ContextOptions options, ConfigurationErrors mistakes)
    {
        for (var i = 0; i < options.Baggage.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(options.Baggage[i]))
            {
                mistakes.Add($"{key}:{i}", "is empty; write the key of the baggage.");
            }
        }
    }

    private static void ValidateInbound(string key, InboundOptions options, ConfigurationErrors mistakes)
    {
        for (var i = 0; i < options.TrustedNetworks.Count; i++)
        {
            if (TrustedNetworks.Parse(options.TrustedNetworks[i]) is null)
            {
                mistakes.Add($"{key}:{i}", $"'{options.TrustedNetworks[i]}' is not a network, such as 10.0.0.0/8 or fd00::/8 (bits after "
                    + "the prefix must be 0), or an address.");
            }
        }
    }

    /// <summary>The key that the user wrote for a key of the mesh.</summary>
    private string Written(string key) => Own(key) ?? SteeltoeMistakes.Written(source.Application, source.Mesh, key);

    /// <summary>The same, if it was written in the section of the mesh; otherwise null.</summary>
    private string? Own(string key) =>
        key.StartsWith(source.Mesh.Path + ":", StringComparison.OrdinalIgnoreCase)
            ? walker.Written(source.Mesh, key[(source.Mesh.Path.Length + 1)..])
            : null;

    private void ValidateServices(string root, MeshOptions options, ConfigurationErrors mistakes)
    {
        ServiceOptionsValidator.Validate($"{root}:Defaults", options.Defaults, options.Defaults, balancers, mistakes);
        ValidateDefaults(root, options.Defaults, mistakes);
        foreach (var (key, service) in Named($"{root}:Services", options.Services, mistakes))
        {
            ServiceOptionsValidator.Validate(key, service, options.Defaults, balancers, mistakes);
        }

        // A part of what is said: the rest may stand anywhere.
        var over = options.Override;
        root = $"{root}:Override";
        ServiceOptionsValidator.ValidateAlone($"{root}:Defaults", over.Defaults, over.Defaults, balancers, mistakes);
        ValidateDefaults(root, over.Defaults, mistakes);
        foreach (var (key, service) in Named($"{root}:Services", over.Services, mistakes))
        {
            ServiceOptionsValidator.ValidateAlone(key, service, over.Defaults, balancers, mistakes);
        }
    }

    private static void ValidateDefaults(string root, ServiceOptions defaults, ConfigurationErrors mistakes)
    {
        if (defaults.Endpoints.Count > 0)
        {
            mistakes.Add($"{root}:Defaults:Endpoints", $"endpoints belong to one service: write them to {root}:Services:<name>:Endpoints.");
        }

        if (defaults.Routes.Count > 0)
        {
            mistakes.Add($"{root}:Defaults:Routes", $"routes belong to one service: write them to {root}:Services:<name>:Routes.");
        }
    }

    /// <summary>Checks the names.</summary>
    /// <returns>The services that can be checked further, each with its key.</returns>
    private static List<(string Key, ServiceOptions Service)> Named(
        string root, IDictionary<string, ServiceOptions> services, ConfigurationErrors mistakes)
    {
        List<(string, ServiceOptions)> named = [];

        // The dictionary can be replaced in code by one that tells names apart by case.
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, service) in services)
        {
            var key = $"{root}:{name}";
            if (!ServiceName.IsValid(name))
            {
                mistakes.Add(key, $"'{name}' cannot be a service name: {ServiceName.Rule}.");
            }
            else if (!seen.Add(name))
            {
                mistakes.Add(key, "the service is listed twice; case does not matter.");
            }

            if (service is null)
            {
                mistakes.Add(key, "was set to null in code. Remove the service instead.");
            }
            else
            {
                named.Add((key, service));
            }
        }

        return named;
    }
}
