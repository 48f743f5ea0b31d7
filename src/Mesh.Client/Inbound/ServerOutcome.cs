using Mesh.Client.Telemetry;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Inbound;

/// <summary>The outcome of a request of this server. Middleware that answers in place of the
/// application sets one of these as a feature.</summary>
internal sealed class ServerOutcome
{
    /// <summary>The application answered, and not with a server error.</summary>
    public static readonly ServerOutcome Ok = new("ok", ResponseFlags.None);

    /// <summary>The application failed: 5xx, or an unhandled exception.</summary>
    public static readonly ServerOutcome Error = new("error", ResponseFlags.None);

    /// <summary>The caller's deadline was spent before the request arrived; the application has not run.</summary>
    public static readonly ServerOutcome DeadOnArrival = new("dead_on_arrival", ResponseFlags.DeadlineSpent);

    /// <summary>The caller's deadline was spent while the application ran.</summary>
    public static readonly ServerOutcome Deadline = new("deadline", ResponseFlags.DeadlineSpent);

    /// <summary>The caller was refused; the application has not run.</summary>
    public static readonly ServerOutcome Denied = new("denied", ResponseFlags.Denied);

    /// <summary>The caller disconnected before the answer was complete.</summary>
    public static readonly ServerOutcome Canceled = new("canceled", ResponseFlags.CallerGone);

    /// <summary>All of them, for tests.</summary>
    public static readonly IReadOnlyList<ServerOutcome> All = [Ok, Error, DeadOnArrival, Deadline, Denied, Canceled];

    private ServerOutcome(string name, string flag)
    {
        Name = name;
        Flag = flag;
    }

    /// <summary>The value of <c>mesh.outcome</c>.</summary>
    public string Name { get; }

    /// <summary>The response flag of the access log.</summary>
    public string Flag { get; }

    /// <param name="context">The request.</param>
    /// <param name="completed">Whether the application returned; false when an exception came out of it.</param>
    public static ServerOutcome Of(HttpContext context, bool completed) =>
        context.Features.Get<ServerOutcome>()
        ?? (context.RequestAborted.IsCancellationRequested ? Canceled
            : completed && context.Response.StatusCode < StatusCodes.Status500InternalServerError ? Ok
            : Error);
}
