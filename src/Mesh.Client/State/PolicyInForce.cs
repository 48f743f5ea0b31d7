using System.Globalization;
using Mesh.Client.Model;

namespace Mesh.Client.State;

/// <summary>The settings in force, with who has said them.</summary>
internal static class PolicyInForce
{
    private const string None = "none";

    /// <summary>The value that is built in, of each setting that nobody says anything about.</summary>
    private static readonly Dictionary<string, Func<ServiceModel, object?>> Values = new(StringComparer.Ordinal)
    {
        ["Timeout"] = static model => model.CallPolicy.Timeout,
        ["AttemptTimeout"] = static model => model.CallPolicy.AttemptTimeout,
        ["ConnectTimeout"] = static model => model.Transport.ConnectTimeout,
        ["BodyIdleTimeout"] = static model => model.CallPolicy.BodyIdleTimeout,
        ["HostHeader"] = static model => model.Transport.HostHeader,
        ["RequireTls"] = static model => model.RequireTls,
        ["TlsName"] = static model => model.Transport.TlsName,
        ["SendContext"] = static model => model.SendContext,
        ["Credentials:Mode"] = static model => model.Credentials.Mode,
        ["Credentials:Audience"] = static model => model.Credentials.Audience,
        ["Credentials:MissingUser"] = static model => model.Credentials.MissingUser,
        ["Credentials:AllowInsecureTransport"] = static model => model.Credentials.AllowInsecureTransport,
        ["Credentials:MinimumLifetime"] = static model => model.Credentials.MinimumLifetime,
        ["Credentials:MaxTokenBytes"] = static model => model.Credentials.MaxTokenBytes,
        ["Retry:MaxRetries"] = static model => model.CallPolicy.MaxRetries,
        ["Retry:BudgetRatio"] = static model => model.Policy.RetryBudgetRatio,
        ["LoadBalancing:Policy"] = static model => model.Policy.LoadBalancing,
        ["LoadBalancing:SubsetSize"] = static model => model.Policy.SubsetSize,
        ["LoadBalancing:ZoneAware"] = static model => model.Policy.ZoneAware,
        ["OutlierDetection:Enabled"] = static model => model.OutlierDetection.Enabled,
        ["OutlierDetection:ConsecutiveFailures"] = static model => model.OutlierDetection.ConsecutiveFailures,
        ["OutlierDetection:ConsecutiveConnectFailures"] = static model => model.OutlierDetection.ConsecutiveConnectFailures,
        ["OutlierDetection:FailureRatio"] = static model => model.OutlierDetection.FailureRatio,
        ["OutlierDetection:BaseEjectionTime"] = static model => model.OutlierDetection.BaseEjectionTime,
        ["OutlierDetection:MaxEjectionTime"] = static model => model.OutlierDetection.MaxEjectionTime,
        ["OutlierDetection:MaxEjectedRatio"] = static model => model.OutlierDetection.MaxEjectedRatio,
        ["OutlierDetection:PanicThreshold"] = static model => model.OutlierDetection.PanicThreshold,
        ["OutlierDetection:Statuses"] = static _ => FailureStatuses.DefaultText,
        ["OutlierDetection:Probe:Path"] = static model => model.OutlierDetection.Probe?.Path,
        ["OutlierDetection:Probe:Timeout"] = static model => model.OutlierDetection.Probe?.Timeout,
        ["OutlierDetection:Probe:IdleInterval"] = static model => model.OutlierDetection.Probe?.IdleInterval,
        ["CircuitBreaker:Enabled"] = static model => model.Policy.CircuitBreaker.Enabled,
        ["CircuitBreaker:FailureRatio"] = static model => model.Policy.CircuitBreaker.FailureRatio,
        ["CircuitBreaker:MinimumThroughput"] = static model => model.Policy.CircuitBreaker.MinimumThroughput,
        ["CircuitBreaker:SamplingDuration"] = static model => model.Policy.CircuitBreaker.SamplingDuration,
        ["CircuitBreaker:BreakDuration"] = static model => model.Policy.CircuitBreaker.BreakDuration,
    };

    /// <param name="model">The service's model.</param>
    /// <param name="own">What is said of the service, the highest first.</param>
    /// <param name="all">What is said of all services, the highest first.</param>
    public static IReadOnlyList<MeshSetting> Of(ServiceModel model, SettingsLayer[] own, SettingsLayer[] all) =>
    [
        .. ServiceSetting.All
            .Where(static setting => setting != ServiceSetting.Endpoints && setting != ServiceSetting.Routes)
            .Select(setting => Of(setting, model, own, all)),
    ];

    private static MeshSetting Of(ServiceSetting setting, ServiceModel model, SettingsLayer[] own, SettingsLayer[] all)
    {
        var ofService = setting.Deciding(own, model.Mesh.DefaultSettings);
        var decides = ofService ?? setting.Deciding(all, null);
        return new MeshSetting
        {
            Key = setting.Key,
            Value = Text(decides is null ? Values[setting.Key](model) : setting.Of(decides.Settings)),
            Source = decides?.Source ?? "built-in",
            Rank = decides?.Rank ?? MeshSourceRank.BuiltIn,
            IsOfService = ofService is not null,
        };
    }

    /// <summary>As it would be written.</summary>
    private static string Text(object? value) => value switch
    {
        null => None,
        TimeSpan span when span == Timeout.InfiniteTimeSpan => None,
        bool flag => flag ? "true" : "false",
        IEnumerable<string> texts => string.Join(", ", texts),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };
}
