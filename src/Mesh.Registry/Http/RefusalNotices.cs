using Mesh.Registry.Telemetry;
using Mesh.Registry.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mesh.Registry.Http;

/// <summary>
/// Logs refused registrations: a client does not report the reason, and its service would be missing without a trace. A warning the first
/// time, and only a few per minute, because any request can cause them; the rest at level Debug.
/// </summary>
internal sealed partial class RefusalNotices(TimeProvider time, GuardedLogger<RefusalNotices> logger)
{
    private const int MaxPerMinute = 10;
    private const int MaxRemembered = 256;
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    // Guards everything below.
    private readonly Lock _gate = new();
    private readonly Dictionary<(string App, string Instance, string Field), long> _told = [];
    private long? _windowStart;
    private int _inWindow;

    public void Refused(HttpContext context, string app, RegistrationReading reading) =>
        Refused(context, app, reading.Id, reading.Field ?? "(the whole)", reading.Problem!);

    public void Refused(HttpContext context, string app, string? instance, string field, string problem)
    {
        var (shownApp, shownInstance, shownField) = (WireText.ForLog(app), WireText.ForLog(instance), WireText.ForLog(field));
        var level = IsNews((shownApp, shownInstance, shownField)) ? LogLevel.Warning : LogLevel.Debug;

        if (logger.IsEnabled(level))
        {
            // The protocol's answer names no reason.
            var reason = problem == RegistrationProblems.Unparsable ? "it cannot be understood" : problem;
            var address = Address(context);
            LogRefused(logger, level, shownApp, shownInstance, address, shownField, reason);
        }
    }

    public void Unreadable(HttpContext context)
    {
        if (logger.IsEnabled(LogLevel.Debug))
        {
            LogUnreadable(logger, Address(context), context.Response.StatusCode);
        }
    }

    private bool IsNews((string App, string Instance, string Field) refusal)
    {
        lock (_gate)
        {
            if (_told.TryGetValue(refusal, out var at) && time.GetElapsedTime(at) < Silence)
            {
                return false;
            }

            if (_windowStart is not { } start || time.GetElapsedTime(start) >= Window)
            {
                (_windowStart, _inWindow) = (time.GetTimestamp(), 0);
            }

            if (_inWindow >= MaxPerMinute)
            {
                return false;
            }

            _inWindow++;
            if (_told.Count >= MaxRemembered)
            {
                // So many different names: forgotten ones are logged once more, a few per minute.
                _told.Clear();
            }

            _told[refusal] = time.GetTimestamp();
            return true;
        }
    }

    private static string Address(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "(unknown)";
}
