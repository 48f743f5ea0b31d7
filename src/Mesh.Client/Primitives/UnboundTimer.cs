namespace Mesh.Client.Primitives;

/// <summary>Timers that do not keep the execution context of their creator, and with it the request that was being served.</summary>
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
