using System.Collections.Concurrent;
using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Discovery;

/// <summary>Decides which updates of sources are accepted, and remembers those that are not.</summary>
internal sealed partial class SourceJudge(
    IUpdateRules rules, SourceMetrics metrics, GuardedLogger<LogCategories.MeshStore> logger)
{
    /// <summary>A source that says something wrong about ever new services must fill neither the memory nor the log.</summary>
    private const int MaxRefusals = 1000;
    private const int MaxReasons = 20;

    private readonly ConcurrentDictionary<(string Source, string Subject), Refusal> _refusals = new();

    /// <summary>The updates that were refused, and after which nothing better has come.</summary>
    public IReadOnlyCollection<Refusal> Refusals => [.. _refusals.Values];

    public MeshUpdateResult Judge(string source, MeshUpdate update)
    {
        var service = (update as ServiceUpdate)?.Service;
        var reasons = Bounded(rules.Check(update));
        metrics.Updated(source, reasons.Count == 0);
        if (reasons.Count == 0)
        {
            if (Forget(source, service) is { } refusal)
            {
                LogRecovered(logger, source, refusal.Subject);
            }

            return MeshUpdateResult.Accepted;
        }

        Remember(new Refusal(source, service is null ? null : Printable.Of(service), reasons), KeyOf(source, service));
        return MeshUpdateResult.Refused(reasons);
    }

    /// <summary>The source has taken back what it said about a subject.</summary>
    /// <param name="source">The source.</param>
    /// <param name="service">Null for all services.</param>
    /// <returns>What was refused; null for nothing.</returns>
    public Refusal? Forget(string source, string? service)
    {
        if (_refusals.IsEmpty || !_refusals.TryRemove(KeyOf(source, service), out var refusal))
        {
            return null;
        }

        metrics.Refused(source, -1);
        return refusal;
    }

    /// <summary>The answer where a name is none. It is logged where names are kept; a source may have thousands.</summary>
    public MeshUpdateResult RefuseName(string source, string? service)
    {
        metrics.Updated(source, accepted: false);
        return MeshUpdateResult.Refused([string.IsNullOrWhiteSpace(service)
            ? "The service has no name."
            : $"'{Printable.Of(service)}' cannot be a service name: it is too long, or contains control characters or line breaks."]);
    }

    /// <summary>What to do when a part of the mesh does not follow what a source has said.</summary>
    public Action<Exception, string?> CouldNotFollow(string source) => (exception, part) => LogFailed(logger, exception, part, source);

    /// <summary>A hundred thousand wrong endpoints are no line of a log.</summary>
    private static IReadOnlyList<string> Bounded(IReadOnlyList<string> reasons) =>
        reasons.Count == 0 ? reasons
        :
        [
            .. reasons.Take(MaxReasons).Select(static reason => Printable.Of(reason, RegistryLimits.Message)),
            .. reasons.Count > MaxReasons ? new[] { $"And {reasons.Count - MaxReasons} more." } : [],
        ];

    private static (string Source, string Subject) KeyOf(string source, string? service) =>
        (source, service?.ToLowerInvariant() ?? string.Empty);

    private void Remember(Refusal refusal, (string Source, string Subject) key)
    {
        if (_refusals.TryGetValue(key, out var before))
        {
            _refusals[key] = refusal;
            if (before.Reasons.SequenceEqual(refusal.Reasons))
            {
                return;
            }
        }
        else if (_refusals.Count >= MaxRefusals || !_refusals.TryAdd(key, refusal))
        {
            return;
        }
        else
        {
            metrics.Refused(refusal.Source, 1);
        }

        LogRefused(logger, refusal.Source, refusal.Subject, string.Join(' ', refusal.Reasons));
    }

    [LoggerMessage(
        120,
        LogLevel.Error,
        "What source '{Source}' says about {Subject} is refused; what it said before stays in force. {Mistakes}",
        EventName = "UpdateRefused")]
    private static partial void LogRefused(ILogger logger, string source, string subject, string mistakes);

    [LoggerMessage(
        121,
        LogLevel.Information,
        "What source '{Source}' says about {Subject} is free of mistakes again, and in force.",
        EventName = "UpdateRecovered")]
    private static partial void LogRecovered(ILogger logger, string source, string subject);

    [LoggerMessage(
        122,
        LogLevel.Error,
        "{Part} failed to follow what source '{Source}' says, and may go on with its old settings.",
        EventName = "UpdateNotFollowed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string? part, string source);
}
