using System.Diagnostics;
using System.Net;

namespace Mesh.Client.Faults.Deploy.Load;

/// <summary>Sends calls at fixed times whatever became of the earlier ones, until told to stop, and waits for all answers.</summary>
internal sealed class OrderLoad(HttpClient client, Version version)
{
    public const int RequestsPerSecond = 200;

    private readonly List<Task<CallResult>> _calls = [];

    /// <summary>A few calls one after the other, which are not counted.</summary>
    public async Task WarmUpAsync()
    {
        for (var i = 1; i <= 20; i++)
        {
            // Negative numbers are those of the warm-up, so that the ledgers keep them apart.
            await SendAsync(new OrderCall(-i, version), TimeSpan.Zero);
        }
    }

    public async Task<IReadOnlyList<CallResult>> RunAsync(CancellationToken stop)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        // A thread of its own, so that a busy pool cannot hold the schedule back.
        new Thread(() =>
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 1; !stop.IsCancellationRequested; i++)
            {
                var due = TimeSpan.FromSeconds((double)i / RequestsPerSecond);
                var wait = due - Stopwatch.GetElapsedTime(start);
                if (wait > TimeSpan.Zero)
                {
                    Thread.Sleep(wait);
                }

                var call = new OrderCall(i, version);
                _calls.Add(Task.Run(() => SendAsync(call, due)));
            }

            ended.SetResult();
        })
        {
            IsBackground = true,
            Name = "load",
        }.Start();
        await ended.Task;
        return await Task.WhenAll(_calls);
    }

    private async Task<CallResult> SendAsync(OrderCall call, TimeSpan due)
    {
        try
        {
            using var request = call.Request();
            using var response = await client.SendAsync(request);
            return new CallResult(call, due, response.StatusCode == HttpStatusCode.OK ? null : $"status {(int)response.StatusCode}");
        }
        catch (Exception exception)
        {
            // Whatever is thrown, the caller has no answer.
            return new CallResult(call, due, Describe(exception));
        }
    }

    private static string Describe(Exception exception)
    {
        var text = exception.GetType().Name;
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            text += $" < {(inner as HttpRequestException)?.HttpRequestError} {inner.Message}";
        }

        return $"{text} {exception.Data["mesh.attempts"]}";
    }
}
