using System.Diagnostics;

namespace Storefront.Controls;

/// <summary>Counts every answer and puts the fault on it that the demo has switched on.</summary>
internal sealed class DemoMiddleware(RequestDelegate next, FaultSwitch faults, InstanceCounters counters)
{
    /// <summary>Makes the 10 ms of a catalog instance 100 ms.</summary>
    public static readonly TimeSpan SlowBy = TimeSpan.FromMilliseconds(90);

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path.StartsWithSegments(DemoControls.AdminPath))
        {
            await next(context);
            return;
        }

        var started = Stopwatch.GetTimestamp();
        var fault = faults.Mode;
        var succeeded = false;
        try
        {
            switch (fault)
            {
                case FaultMode.Failing:
                    context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                    return;
                case FaultMode.Slow:
                    await Task.Delay(SlowBy, context.RequestAborted);
                    break;
            }

            await next(context);
            succeeded = context.Response.StatusCode < StatusCodes.Status500InternalServerError;
        }
        catch (Exception error) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            // The caller gets the reason, so that the demo can print why a call failed.
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
            await context.Response.WriteAsync($"{error.GetType().Name}: {error.Message}");
        }
        finally
        {
            counters.Add(fault, succeeded, Stopwatch.GetElapsedTime(started));
        }
    }
}
