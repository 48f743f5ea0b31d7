using Mesh.Client.Options;

namespace Mesh.Client.Model;

/// <summary>One setting of a service: where it stands among the options, and who may set it.</summary>
/// <remarks>Written by hand, since reading the option classes by reflection does not survive trimming. A test holds it against
/// them.</remarks>
internal sealed class ServiceSetting
{
    private readonly Func<ServiceOptions, object?> _get;
    private readonly Action<ServiceOptions, object> _set;

    /// <summary>For a setting that protects: whether a value (the first) is at least as strict as the one that the operator has (the
    /// second; null for none).</summary>
    private readonly Func<object, object?, bool>? _isStricter;

    private ServiceSetting(
        string key, Func<ServiceOptions, object?> get, Action<ServiceOptions, object> set, Func<object, object?, bool>? isStricter = null)
    {
        Key = key;
        _get = get;
        _set = set;
        _isStricter = isStricter;
    }

    /// <summary>All of them, in the order of the options.</summary>
    public static IReadOnlyList<ServiceSetting> All { get; } =
    [
        new("Endpoints", static o => o.Endpoints.Count > 0 ? o.Endpoints : null, static (o, v) => o.Endpoints = (IList<EndpointOptions>)v),
        new("Routes", static o => o.Routes.Count > 0 ? o.Routes : null, static (o, v) => o.Routes = (IDictionary<string, RouteOptions>)v),
        new("Timeout", static o => o.Timeout, static (o, v) => o.Timeout = (TimeSpan)v),
        new("AttemptTimeout", static o => o.AttemptTimeout, static (o, v) => o.AttemptTimeout = (TimeSpan)v),
        new("ConnectTimeout", static o => o.ConnectTimeout, static (o, v) => o.ConnectTimeout = (TimeSpan)v),
        new("BodyIdleTimeout", static o => o.BodyIdleTimeout, static (o, v) => o.BodyIdleTimeout = (TimeSpan)v),

        // The next three decide which certificate an endpoint must have.
        new("HostHeader", static o => o.HostHeader, static (o, v) => o.HostHeader = (HostHeader)v, Never),
        new("RequireTls", static o => o.RequireTls, static (o, v) => o.RequireTls = (bool)v, static (v, _) => (bool)v),
        new("TlsName", static o => o.TlsName, static (o, v) => o.TlsName = (string)v, static (_, own) => own is null),
        new("SendContext", static o => o.SendContext, static (o, v) => o.SendContext = (bool)v, static (v, _) => !(bool)v),
        new(
            "Credentials:Mode",
            static o => o.Credentials.Mode,
            static (o, v) => o.Credentials.Mode = (CredentialMode)v,
            static (v, _) => (CredentialMode)v == CredentialMode.None),
        new("Credentials:Audience", static o => o.Credentials.Audience, static (o, v) => o.Credentials.Audience = (string)v, Never),
        new(
            "Credentials:MissingUser",
            static o => o.Credentials.MissingUser,
            static (o, v) => o.Credentials.MissingUser = (MissingUserBehavior)v,
            static (v, _) => (MissingUserBehavior)v == MissingUserBehavior.Fail),
        new(
            "Credentials:AllowInsecureTransport",
            static o => o.Credentials.AllowInsecureTransport,
            static (o, v) => o.Credentials.AllowInsecureTransport = (bool)v,
            static (v, _) => !(bool)v),
        new(
            "Credentials:MinimumLifetime",
            static o => o.Credentials.MinimumLifetime,
            static (o, v) => o.Credentials.MinimumLifetime = (TimeSpan)v,
            static (v, own) => (TimeSpan)v >= ((TimeSpan?)own ?? CredentialsPolicy.DefaultMinimumLifetime)),
        new(
            "Credentials:MaxTokenBytes",
            static o => o.Credentials.MaxTokenBytes,
            static (o, v) => o.Credentials.MaxTokenBytes = (int)v,
            static (v, own) => (int)v <= ((int?)own ?? CredentialsPolicy.DefaultMaxTokenBytes)),
        new("Retry:MaxRetries", static o => o.Retry.MaxRetries, static (o, v) => o.Retry.MaxRetries = (int)v),
        new("Retry:BudgetRatio", static o => o.Retry.BudgetRatio, static (o, v) => o.Retry.BudgetRatio = (double)v),
        new("LoadBalancing:Policy", static o => o.LoadBalancing.Policy, static (o, v) => o.LoadBalancing.Policy = (string)v),
        new("LoadBalancing:SubsetSize", static o => o.LoadBalancing.SubsetSize, static (o, v) => o.LoadBalancing.SubsetSize = (int)v),
        new("LoadBalancing:ZoneAware", static o => o.LoadBalancing.ZoneAware, static (o, v) => o.LoadBalancing.ZoneAware = (bool)v),
        Outlier("Enabled", static o => o.Enabled, static (o, v) => o.Enabled = (bool)v),
        Outlier("ConsecutiveFailures", static o => o.ConsecutiveFailures, static (o, v) => o.ConsecutiveFailures = (int)v),
        Outlier(
            "ConsecutiveConnectFailures",
            static o => o.ConsecutiveConnectFailures,
            static (o, v) => o.ConsecutiveConnectFailures = (int)v),
        Outlier("FailureRatio", static o => o.FailureRatio, static (o, v) => o.FailureRatio = (double)v),
        Outlier("BaseEjectionTime", static o => o.BaseEjectionTime, static (o, v) => o.BaseEjectionTime = (TimeSpan)v),
        Outlier("MaxEjectionTime", static o => o.MaxEjectionTime, static (o, v) => o.MaxEjectionTime = (TimeSpan)v),
        Outlier("MaxEjectedRatio", static o => o.MaxEjectedRatio, static (o, v) => o.MaxEjectedRatio = (double)v),
        Outlier("PanicThreshold", static o => o.PanicThreshold, static (o, v) => o.PanicThreshold = (double)v),
        Outlier("Statuses", static o => o.Statuses.Count > 0 ? o.Statuses : null, static (o, v) => o.Statuses = (IList<string>)v),
        Outlier("Probe:Path", static o => o.Probe.Path, static (o, v) => o.Probe.Path = (string)v),
        Outlier("Probe:Timeout", static o => o.Probe.Timeout, static (o, v) => o.Probe.Timeout = (TimeSpan)v),
        Outlier("Probe:IdleInterval", static o => o.Probe.IdleInterval, static (o, v) => o.Probe.IdleInterval = (TimeSpan)v),
        Breaker("Enabled", static o => o.Enabled, static (o, v) => o.Enabled = (bool)v),
        Breaker("FailureRatio", static o => o.FailureRatio, static (o, v) => o.FailureRatio = (double)v),
        Breaker("MinimumThroughput", static o => o.MinimumThroughput, static (o, v) => o.MinimumThroughput = (int)v),
        Breaker("SamplingDuration", static o => o.SamplingDuration, static (o, v) => o.SamplingDuration = (TimeSpan)v),
        Breaker("BreakDuration", static o => o.BreakDuration, static (o, v) => o.BreakDuration = (TimeSpan)v),
    ];

    /// <summary>The endpoints, which are one part as a whole.</summary>
    public static ServiceSetting Endpoints => All[0];

    /// <summary>The routes: each is one part as a whole.</summary>
    public static ServiceSetting Routes => All[1];

    public static ServiceSetting Named(string key) => All.First(setting => setting.Key == key);

    /// <summary>As below <c>Mesh:Services:name</c>, such as <c>Retry:MaxRetries</c>.</summary>
    public string Key { get; }

    /// <summary>Whether it protects: only the operator of this application may loosen it.</summary>
    public bool Protects => _isStricter is not null;

    /// <summary>One form of several: of each setting the value of the first that may say it.</summary>
    /// <param name="layers">The highest first.</param>
    /// <param name="defaults">What applies where none says anything; null when the layers are those of the defaults themselves.</param>
    public static ServiceOptions Merge(IReadOnlyList<SettingsLayer> layers, ServiceOptions? defaults)
    {
        var merged = new ServiceOptions();
        foreach (var setting in All)
        {
            if (setting.Deciding(layers, defaults) is { } layer)
            {
                setting._set(merged, setting._get(layer.Settings)!);
            }
        }

        merged.Routes = SaidRoutes.Merge(layers);
        return merged;
    }

    /// <summary>A copy that its writer cannot change any more.</summary>
    /// <returns>Null if nothing is set.</returns>
    public static ServiceOptions? Copy(ServiceOptions settings)
    {
        if (All.All(setting => setting._get(settings) is null))
        {
            return null;
        }

        var copy = Merge([new SettingsLayer(string.Empty, MeshSourceRank.Configuration, settings)], null);
        copy.OutlierDetection.Statuses = [.. copy.OutlierDetection.Statuses];
        copy.Routes = SaidRoutes.Copy(copy.Routes);
        return copy;
    }

    /// <summary>Whether both say the same. Endpoints do only if they are the same ones.</summary>
    public static bool AreEqual(ServiceOptions one, ServiceOptions other) =>
        All.All(setting => AreEqual(setting._get(one), setting._get(other)));

    /// <summary>The value of these options; null for none.</summary>
    public object? Of(ServiceOptions options) => _get(options);

    /// <summary>Who decides.</summary>
    /// <param name="layers">The highest first.</param>
    /// <param name="defaults">What applies where none says anything.</param>
    /// <returns>Null where none says anything, or none may.</returns>
    public SettingsLayer? Deciding(IReadOnlyList<SettingsLayer> layers, ServiceOptions? defaults)
    {
        foreach (var layer in layers)
        {
            if (_get(layer.Settings) is { } value && (_isStricter is null || layer.IsLocal || _isStricter(value, Own(layers, defaults))))
            {
                return layer;
            }
        }

        return null;
    }

    /// <summary>What the operator says.</summary>
    private object? Own(IReadOnlyList<SettingsLayer> layers, ServiceOptions? defaults) =>
        layers.Where(static layer => layer.IsLocal).Select(layer => _get(layer.Settings)).FirstOrDefault(static value => value is not null)
            ?? (defaults is null ? null : _get(defaults));

    private static bool AreEqual(object? one, object? other) =>
        one is IList<string> list && other is IList<string> otherList ? list.SequenceEqual(otherList)
        : one is IDictionary<string, RouteOptions> routes && other is IDictionary<string, RouteOptions> others
            ? SaidRoutes.AreEqual(routes, others)
        : Equals(one, other);

    private static bool Never(object value, object? own) => false;

    private static ServiceSetting Outlier(
        string key, Func<OutlierDetectionOptions, object?> get, Action<OutlierDetectionOptions, object> set) =>
        new($"OutlierDetection:{key}", o => get(o.OutlierDetection), (o, v) => set(o.OutlierDetection, v));

    private static ServiceSetting Breaker(
        string key, Func<CircuitBreakerOptions, object?> get, Action<CircuitBreakerOptions, object> set) =>
        new($"CircuitBreaker:{key}", o => get(o.CircuitBreaker), (o, v) => set(o.CircuitBreaker, v));
}
