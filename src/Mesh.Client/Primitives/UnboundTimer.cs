namespace Mesh.Client.Primitives;

/// <summary>Timers that do not keep the execution context of who happens to create them, and with it the request that was served
/// then.</summary>
internal static class UnboundTimer
{
    public static ITimer CreateUnboundTimer(this TimeProvider time, TimerCallback callback, object? state, TimeSpan due, TimeSpan period)
    {
        using (ExecutionContext.SuppressFlow())
        {
            return time.CreateTimer(callback, state, due, period);
        }
    }
}
