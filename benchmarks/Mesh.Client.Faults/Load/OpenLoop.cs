using System.Diagnostics;
using System.Net;

namespace Mesh.Client.Faults.Load;

/// <summary>Sends calls at fixed moments, whatever became of the earlier ones.</summary>
/// <remarks>A generator that waits for answers sends less when the service is slow, and so hides the time that users would have waited.
/// Here the latency counts from the moment at which the call should have been sent.</remarks>
internal static class OpenLoop
{
    public static async Task<LoadResult> RunAsync(double requestsPerSecond, TimeSpan duration, Func<Task<HttpResponseMessage>> send)
    {
        var count = Math.Max(1, (int)Math.Round(requestsPerSecond * duration.TotalSeconds));
        var calls = new Task<CallOutcome>[count];
        var interval = Stopwatch.Frequency / requestsPerSecond;
        var scheduled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        // A thread of its own, so that a busy pool cannot hold the schedule back.
        var scheduler = new Thread(() =>
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < count; i++)
            {
                var intended = start + (long)(i * interval);
                SleepUntil(intended);
                calls[i] = Task.Run(() => MeasureAsync(send, intended));
            }

            scheduled.SetResult();
        })
        {
            IsBackground = true,
            Name = "load",
        };
        scheduler.Start();
        await scheduled.Task;
        return new LoadResult(await Task.WhenAll(calls));
    }

    public static async Task<CallOutcome> MeasureAsync(Func<Task<HttpResponseMessage>> send, long intended)
    {
        try
        {
            using var response = await send();
            var failure = response.StatusCode != HttpStatusCode.OK ? $"status {(int)response.StatusCode}"
                : response.Headers.TryGetValues("grpc-status", out var status) && status.First() is not "0" and var code
                    ? $"grpc-status {code}"
                : null;
            return new CallOutcome(failure is null, Stopwatch.GetElapsedTime(intended), failure);
        }
        catch (Exception exception)
        {
            // Whatever is thrown, the caller has no answer.
            return new CallOutcome(false, Stopwatch.GetElapsedTime(intended), exception.GetType().Name);
        }
    }

    private static void SleepUntil(long intended)
    {
        while (true)
        {
            var remaining = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), intended);
            if (remaining <= TimeSpan.Zero)
            {
                return;
            }

            Thread.Sleep((int)Math.Ceiling(remaining.TotalMilliseconds));
        }
    }
}
