using System.Globalization;
using Mesh.Client.Discovery;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Balancing;
using Mesh.Client.Primitives;

namespace Mesh.Client.Configuration;

/// <summary>The rules of the configuration, for what sources say.</summary>
internal sealed class UpdateRules(LoadBalancerCatalog balancers) : IUpdateRules
{
    public IReadOnlyList<string> Check(MeshUpdate update)
    {
        var service = update as ServiceUpdate;
        IReadOnlyList<string> found = CheckEndpoints(service?.Endpoints) is { } faults ? faults : [];
        var settings = service is null ? (update as DefaultsUpdate)?.Settings : service.Settings;
        if (settings is null)
        {
            // As in nearly all updates, of nearly every registry.
            return found;
        }

        if (Missing(settings) is { } part)
        {
            return [.. found, $"Settings:{part} is null."];
        }

        var mistakes = new ConfigurationErrors();
        if (service is null)
        {
            Check("Defaults", settings, settings, mistakes);
        }
        else
        {
            Check(Printable.Of(service.Service), settings, new ServiceOptions(), mistakes);
        }

        return [.. found, .. mistakes.Found];
    }

    /// <summary>The part of the settings that is null although it always has a value; null for none.</summary>
    private static string? Missing(ServiceOptions settings) =>
        settings.Endpoints is null ? "Endpoints"
        : settings.Routes is null ? "Routes"
        : settings.Credentials is null ? "Credentials"
        : settings.Retry is null ? "Retry"
        : settings.LoadBalancing is null ? "LoadBalancing"
        : settings.CircuitBreaker is null ? "CircuitBreaker"
        : settings.OutlierDetection is null ? "OutlierDetection"
        : settings.OutlierDetection.Statuses is null ? "OutlierDetection:Statuses"
        : settings.OutlierDetection.Probe is null ? "OutlierDetection:Probe"
        : null;

    private void Check(string key, ServiceOptions settings, ServiceOptions defaults, ConfigurationErrors mistakes)
    {
        if (key == "Defaults" && settings.Routes.Count > 0)
        {
            mistakes.Add($"{key}:Routes", "routes belong to one service.");
        }

        if (settings.Endpoints.Count > 0)
        {
            mistakes.Add($"{key}:Endpoints", "a source names endpoints in the Endpoints of its update, not in its Settings.");
        }

        ServiceOptionsValidator.ValidateAlone(key, settings, defaults, balancers, mistakes);
    }

    /// <returns>Null if there is nothing to find.</returns>
    private static List<string>? CheckEndpoints(IReadOnlyList<EndpointDescription>? endpoints)
    {
        List<string>? found = null;
        for (var i = 0; i < endpoints?.Count; i++)
        {
            if (Fault(endpoints[i]) is { } fault)
            {
                (found ??= []).Add(string.Create(CultureInfo.InvariantCulture, $"Endpoints:{i}: {fault}"));
            }
        }

        return found;
    }

    private static string? Fault(EndpointDescription? endpoint) => endpoint switch
    {
        null => "is null.",
        { GivenAddress: null, Port: <= 0 } => "has no address.",
        { GivenAddress: { IsAbsoluteUri: false } uri } => $"'{Printable.Of(uri.OriginalString)}' is not an absolute address.",
        { GivenAddress: { Scheme: not ("http" or "https") } uri } =>
            $"'{Printable.Of(uri.OriginalString)}' is neither an http nor an https address.",
        { Labels: null } => "its labels are null.",

        // Of what this package reads from a registry the name is made with each question.
        { GivenAddress: not null, TlsName: { } name } when Uri.CheckHostName(name) is UriHostNameType.Unknown =>
            $"'{Printable.Of(name)}' is no name that a certificate can have.",
        _ => LabelFault(endpoint.Labels),
    };

    private static string? LabelFault(IReadOnlyDictionary<string, string> labels)
    {
        // As nearly all are: read from a registry, and checked there.
        if (labels is LabelMap || labels.Count == 0)
        {
            return null;
        }

        foreach (var (key, value) in labels)
        {
            if (value is null)
            {
                return $"its label '{Printable.Of(key)}' is null.";
            }
        }

        return null;
    }
}
