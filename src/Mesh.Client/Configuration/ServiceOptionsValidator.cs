using System.Globalization;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Balancing;
using Mesh.Client.Outbound.Endpoints;

namespace Mesh.Client.Configuration;

/// <summary>The ranges of a service's settings, and the rules between them.</summary>
internal static class ServiceOptionsValidator
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan HalfSecond = TimeSpan.FromSeconds(0.5);

    /// <param name="key">The key of the section.</param>
    /// <param name="options">The settings of the section.</param>
    /// <param name="defaults">Applies where the options set nothing; the options themselves when they are the defaults.</param>
    /// <param name="balancers">The load balancing policies that there are.</param>
    /// <param name="mistakes">Receives the mistakes.</param>
    public static void Validate(
        string key, ServiceOptions options, ServiceOptions defaults, LoadBalancerCatalog balancers, ConfigurationErrors mistakes)
    {
        ValidateAlone(key, options, defaults, balancers, mistakes);

        // Only an AttemptTimeout of this section: a service may set a Timeout below the AttemptTimeout of the defaults.
        if (options.Timeout is null)
        {
            ValidateAttemptTimeout(
                key,
                options.AttemptTimeout,
                defaults.Timeout ?? CallPolicy.DefaultTimeout,
                defaults.Timeout is not null ? ", from the defaults" : ", the built-in default",
                mistakes);
        }

        var ejection = options.OutlierDetection;
        if (ejection.BaseEjectionTime is null || ejection.MaxEjectionTime is null)
        {
            ValidateEjectionTimes(
                $"{key}:OutlierDetection",
                ejection,
                ejection.BaseEjectionTime ?? defaults.OutlierDetection.BaseEjectionTime ?? OutlierDetectionPolicy.DefaultBaseEjectionTime,
                ejection.MaxEjectionTime ?? defaults.OutlierDetection.MaxEjectionTime ?? OutlierDetectionPolicy.DefaultMaxEjectionTime,
                mistakes);
        }
    }

    /// <summary>The same for settings that are a part of what is said: what they do not set may be said elsewhere.</summary>
    public static void ValidateAlone(
        string key, ServiceOptions options, ServiceOptions defaults, LoadBalancerCatalog balancers, ConfigurationErrors mistakes)
    {
        ValidateEndpoints($"{key}:Endpoints", options.Endpoints, mistakes);
        ValidateTls(key, options, defaults, mistakes);
        mistakes.RangeOrNone($"{key}:Timeout", options.Timeout, Millisecond, ConfigurationErrors.Day);
        mistakes.Range($"{key}:AttemptTimeout", options.AttemptTimeout, Millisecond, ConfigurationErrors.Day);
        mistakes.Range($"{key}:ConnectTimeout", options.ConnectTimeout, Millisecond, ConfigurationErrors.Day);
        mistakes.RangeOrNone($"{key}:BodyIdleTimeout", options.BodyIdleTimeout, Millisecond, ConfigurationErrors.Day);
        mistakes.Known($"{key}:HostHeader", options.HostHeader);
        CredentialsOptionsValidator.Validate($"{key}:Credentials", options.Credentials, mistakes);
        mistakes.Range($"{key}:Retry:MaxRetries", options.Retry.MaxRetries, 0, 10);
        mistakes.Ratio($"{key}:Retry:BudgetRatio", options.Retry.BudgetRatio);
        mistakes.Known($"{key}:LoadBalancing:Policy", options.LoadBalancing.Policy, balancers.Names);
        mistakes.Range($"{key}:LoadBalancing:SubsetSize", options.LoadBalancing.SubsetSize, 0, 10_000);
        ValidateOutliers($"{key}:OutlierDetection", options.OutlierDetection, mistakes);
        ValidateBreaker($"{key}:CircuitBreaker", options.CircuitBreaker, mistakes);

        RouteOptionsValidator.Validate($"{key}:Routes", options.Routes, mistakes);

        if (options.Timeout is { } timeout)
        {
            ValidateAttemptTimeout(key, options.AttemptTimeout, timeout, "", mistakes);
        }
    }

    private static void ValidateAttemptTimeout(
        string key, TimeSpan? attempt, TimeSpan timeout, string origin, ConfigurationErrors mistakes)
    {
        if (timeout > TimeSpan.Zero && attempt > timeout)
        {
            mistakes.Add($"{key}:AttemptTimeout", $"{attempt} is longer than Timeout ({timeout}{origin}), so that it never applies.");
        }
    }

    private static void ValidateEndpoints(string key, IList<EndpointOptions> endpoints, ConfigurationErrors mistakes)
    {
        mistakes.Addresses(key, [.. endpoints.Select(static endpoint => endpoint?.Address ?? string.Empty)], userInfoAllowed: false);
        for (var i = 0; i < endpoints.Count; i++)
        {
            // Labels from a registry are untrusted, and malformed ones are ignored; these are the operator's own.
            ValidateLabel(
                $"{key}:{i}:Labels", EndpointLocality.PriorityLabel, endpoints[i], NumberStyles.None, EndpointLocality.MaxPriority,
                    mistakes);
            ValidateResolve($"{key}:{i}:Resolve", endpoints[i], mistakes);
            ValidateLabel(
                $"{key}:{i}:Labels",
                WeightedTurn.LabelName,
                endpoints[i],
                NumberStyles.AllowDecimalPoint,
                WeightedTurn.MaxLabel,
                mistakes);
        }
    }

    private static void ValidateResolve(string key, EndpointOptions endpoint, ConfigurationErrors mistakes)
    {
        mistakes.Known(key, endpoint?.Resolve);
        if (endpoint?.Resolve == AddressResolution.Each
            && Uri.TryCreate(endpoint.Address, UriKind.Absolute, out var uri)
            && uri.HostNameType != UriHostNameType.Dns)
        {
            mistakes.Add(key, $"Each requires a DNS name, but '{uri.Host}' is an address.");
        }
    }

    private static void ValidateLabel(
        string key, string label, EndpointOptions endpoint, NumberStyles style, double highest, ConfigurationErrors mistakes)
    {
        if (endpoint?.Labels.TryGetValue(label, out var text) == true
            && !(double.TryParse(text, style, CultureInfo.InvariantCulture, out var number) && number <= highest))
        {
            mistakes.Add(
                $"{key}:{label}",
                string.Create(CultureInfo.InvariantCulture,
                    $"'{text}' is not a {(style == NumberStyles.None ? "whole number" : "number")} from 0 to {highest:0}."));
        }
    }

    private static void ValidateTls(string key, ServiceOptions options, ServiceOptions defaults, ConfigurationErrors mistakes)
    {
        if (options.TlsName is { } name)
        {
            ValidateTlsName(key, name, options, defaults, mistakes);
        }

        if (options.TlsName is null && !(options.RequireTls ?? defaults.RequireTls ?? false))
        {
            return;
        }

        for (var i = 0; i < options.Endpoints.Count; i++)
        {
            if (options.Endpoints[i] is { SecurePort: 0 } endpoint
                && endpoint.Address.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
            {
                mistakes.Add($"{key}:Endpoints:{i}", $"is an http address, but {(options.TlsName is null ? "RequireTls" : "TlsName")} is "
                    + "set: it would never be used.");
            }
        }
    }

    private static void ValidateTlsName(
        string key, string name, ServiceOptions options, ServiceOptions defaults, ConfigurationErrors mistakes)
    {
        if (ReferenceEquals(options, defaults))
        {
            mistakes.Add($"{key}:TlsName", "the name of a certificate belongs to one service: write it to Services:<name>:TlsName.");
        }

        if (Uri.CheckHostName(name) != UriHostNameType.Dns)
        {
            mistakes.Add($"{key}:TlsName", $"'{name}' is no DNS name.");
        }

        if (options.RequireTls == false)
        {
            mistakes.Add($"{key}:RequireTls", "is false, but TlsName is set, which requires TLS.");
        }

        if ((options.HostHeader ?? defaults.HostHeader) == HostHeader.Service)
        {
            const string Reason = "exclude each other: the name in the certificate is the host that requests carry.";
            if (options.HostHeader is null)
            {
                mistakes.Add($"{key}:TlsName", $"it and HostHeader Service, from the defaults, {Reason}");
            }
            else
            {
                mistakes.Add($"{key}:HostHeader", $"Service and TlsName {Reason}");
            }
        }
    }

    private static void ValidateOutliers(string key, OutlierDetectionOptions options, ConfigurationErrors mistakes)
    {
        mistakes.Range($"{key}:ConsecutiveFailures", options.ConsecutiveFailures, 1, int.MaxValue);
        mistakes.Range($"{key}:ConsecutiveConnectFailures", options.ConsecutiveConnectFailures, 1, int.MaxValue);
        mistakes.Ratio($"{key}:FailureRatio", options.FailureRatio);
        mistakes.Range($"{key}:BaseEjectionTime", options.BaseEjectionTime, Millisecond, ConfigurationErrors.Day);
        mistakes.Range($"{key}:MaxEjectionTime", options.MaxEjectionTime, Millisecond, ConfigurationErrors.Day);
        mistakes.Ratio($"{key}:MaxEjectedRatio", options.MaxEjectedRatio);
        mistakes.Ratio($"{key}:PanicThreshold", options.PanicThreshold);
        for (var i = 0; i < options.Statuses.Count; i++)
        {
            if (!FailureStatuses.TryRead(options.Statuses[i], out _, out _))
            {
                mistakes.Add(
                    string.Create(CultureInfo.InvariantCulture, $"{key}:Statuses:{i}"),
                    $"'{options.Statuses[i]}' is not a status from 400 to 599, a range such as 500-504, or a class (4xx, 5xx).");
            }
        }

        ValidateProbe($"{key}:Probe", options.Probe, mistakes);

        if (options is { BaseEjectionTime: { } shortest, MaxEjectionTime: { } longest })
        {
            ValidateEjectionTimes(key, options, shortest, longest, mistakes);
        }
    }

    private static void ValidateEjectionTimes(
        string key, OutlierDetectionOptions options, TimeSpan shortest, TimeSpan longest, ConfigurationErrors mistakes)
    {
        if (longest < shortest && (options.BaseEjectionTime ?? options.MaxEjectionTime) is not null)
        {
            mistakes.Add(key, $"MaxEjectionTime ({longest}) is shorter than BaseEjectionTime ({shortest}).");
        }
    }

    private static void ValidateProbe(string key, ProbeOptions options, ConfigurationErrors mistakes)
    {
        if (options.Path is { Length: > 0 } path
            && (path[0] != '/' || !Uri.TryCreate("http://host" + path, UriKind.Absolute, out var uri) || uri.Host != "host"
                || uri.Fragment.Length > 0))
        {
            mistakes.Add($"{key}:Path", $"'{path}' is not a path, such as /health.");
        }

        mistakes.Range($"{key}:Timeout", options.Timeout, Millisecond, ConfigurationErrors.Day);
        mistakes.RangeOrNone($"{key}:IdleInterval", options.IdleInterval, TimeSpan.FromSeconds(1), ConfigurationErrors.Day);
    }

    private static void ValidateBreaker(string key, CircuitBreakerOptions options, ConfigurationErrors mistakes)
    {
        mistakes.Ratio($"{key}:FailureRatio", options.FailureRatio, zeroAllowed: false);
        mistakes.Range($"{key}:MinimumThroughput", options.MinimumThroughput, 2, int.MaxValue);
        mistakes.Range($"{key}:SamplingDuration", options.SamplingDuration, HalfSecond, ConfigurationErrors.Day);
        mistakes.Range($"{key}:BreakDuration", options.BreakDuration, HalfSecond, ConfigurationErrors.Day);
    }
}
