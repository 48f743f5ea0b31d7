using System.Buffers;
using System.Runtime.CompilerServices;
using Mesh.Client.Options;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>Reads a small body within the attempt: if it breaks, the attempt has failed and may be repeated, and the time until it is
/// complete is the endpoint's latency.</summary>
internal static class SmallBody
{
    /// <summary>How long the head waits for a body that trickles, or that no further attempt could replace. Then the caller gets the head,
    /// and the body goes on.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Replaces the response's content by the whole body, or by the received part and the rest.</summary>
    /// <exception cref="BrokenBodyException">It broke, or was silent for <see cref="ServiceOptions.BodyIdleTimeout"/>.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public static async ValueTask ReadAsync(Attempt attempt, HttpResponseMessage response)
    {
        var call = attempt.Call;
        var cancellation = attempt.Cancellation!;
        var content = response.Content;
        var length = (int)content.Headers.ContentLength!.Value;
        var idle = ResponseBody.IdleTimeout(response, call.Policy);

        // A byte more than announced: the end itself must be read, or the transport takes the response for abandoned.
        var buffer = ArrayPool<byte>.Shared.Rent(length + 1);
        var filled = 0;
        var waitingSince = MeshTime.Never;
        Task<int>? pending = null;
        var kept = false;
        try
        {
            var stream = call.Synchronous
                ? content.ReadAsStream(cancellation.Token)
                : await content.ReadAsStreamAsync(cancellation.Token).ConfigureAwait(false);
            using var watch = call.Synchronous
                ? new BlockingReadWatch(call.Service.Clock.TimeProvider, idle, stream, response.Version)
                : null;
            using var caller = watch is null
                ? default
                : call.CallerToken.UnsafeRegister(static state => ((BlockingReadWatch)state!).Close(), watch);
            while (true)
            {
                int count;
                if (watch is not null)
                {
                    waitingSince = waitingSince.IsNever ? call.Service.Clock.Now : waitingSince;
                    count = ReadBlocking(attempt, watch, idle, buffer.AsSpan(filled, length + 1 - filled));
                }
                else
                {
                    var read = stream.ReadAsync(buffer.AsMemory(filled, length + 1 - filled), cancellation.Token);
                    if (read.IsCompletedSuccessfully)
                    {
                        count = read.Result;
                    }
                    else
                    {
                        pending = read.AsTask();
                        waitingSince = waitingSince.IsNever ? call.Service.Clock.Now : waitingSince;
                        if (!pending.IsCompleted && !await CameAsync(attempt, pending, waitingSince, idle).ConfigureAwait(false))
                        {
                            kept = true;
                            AbandonedTask.Watch(pending);
                            response.Content = new ResumedContent(content, new ResumedStream(stream, buffer, filled, pending));
                            return;
                        }

                        count = await pending.ConfigureAwait(false);
                        pending = null;
                    }
                }

                if (count == 0)
                {
                    break;
                }

                filled += count;
                if (filled > length || (!waitingSince.IsNever && call.Service.Clock.Now - waitingSince >= Patience))
                {
                    var rest = buffer.AsSpan(0, filled).ToArray();
                    response.Content = new ResumedContent(content, new ResumedStream(stream, rest, filled, pending: null));
                    return;
                }
            }

            response.Content = new ArrivedContent(content, buffer, filled);
            kept = true;
            content.Dispose();
        }
        catch (Exception exception)
            when (exception is not (OperationCanceledException or BrokenBodyException) && IsOfTransport(call, exception))
        {
            response.Dispose();
            throw BodyErrors.Within(call.Service.Name, call.NameOf(attempt.Endpoint), filled, length, exception);
        }
        catch (Exception)
        {
            response.Dispose();
            throw;
        }
        finally
        {
            // A read under way still writes into it.
            if (!kept && pending is null or { IsCompleted: true })
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>Whether the transport has failed. Any other exception of a user's content, such as a test double's, goes to its author
    /// unchanged.</summary>
    private static bool IsOfTransport(Call call, Exception exception) =>
        !call.Primary.IsOwn || exception is IOException or HttpRequestException or ObjectDisposedException;

    /// <summary>Waits for the bytes of a read under way.</summary>
    /// <returns>False when the head should wait no longer.</returns>
    private static async ValueTask<bool> CameAsync(
        Attempt attempt, Task<int> pending, MeshTime since, TimeSpan idle)
    {
        var call = attempt.Call;
        var clock = call.Service.Clock;

        // A silent body is waited for while another attempt could replace it, but not for so long that the call has no time left for that
        // attempt.
        var patience = call is { Repeatable: true, HasAttemptsLeft: true, Deadline.IsNever: false }
            ? Duration.Max(Patience, (call.Deadline - since).Half())
            : Patience;
        var left = Duration.Max(TimeSpan.Zero, since + patience - clock.Now);
        var silence = Duration.Limit(idle);
        try
        {
            await pending.WaitAsync(Duration.Min(left, silence), clock.TimeProvider).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException exception)
        {
            if (pending.IsCompleted)
            {
                // The bytes arrived at the same moment, or the read has thrown this.
                return true;
            }

            if (silence > left)
            {
                return false;
            }

            // Ends the read at once. Its exception is then a consequence.
            attempt.Cancellation!.Cancel();
            _ = pending.ContinueWith(
                static task => task.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw Silent(attempt, idle, exception);
        }
    }

    private static int ReadBlocking(Attempt attempt, BlockingReadWatch watch, TimeSpan idle, Span<byte> buffer)
    {
        try
        {
            return watch.Read(buffer);
        }
        catch (Exception exception) when (attempt.Call.CallerToken.IsCancellationRequested)
        {
            throw new TaskCanceledException("The operation was canceled.", exception, attempt.Call.CallerToken);
        }
        catch (Exception exception) when (watch.Fired)
        {
            throw Silent(attempt, idle, exception);
        }
    }

    private static BrokenBodyException Silent(Attempt attempt, TimeSpan idle, Exception exception)
    {
        var call = attempt.Call;
        var message = BodyErrors.Silent(call.Service.Name, call.NameOf(attempt.Endpoint), idle);
        return new(HttpRequestError.Unknown, message, new IOException(message, new TimeoutException(message, exception)));
    }
}
