using System.Collections.Frozen;
using System.Net;
using Mesh.Client.Model;
using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Discovery;

/// <summary>Resolves the names of configured endpoints with <c>Resolve: Each</c> again and again. Without an answer, the last known
/// addresses stay.</summary>
internal sealed partial class NameWatch(
    IHostResolver resolver, ModelInForce model, [OwnClock] TimeProvider time, GuardedLogger<LogCategories.NameWatch> logger)
{
    /// <summary>The system's resolver does not report for how long an answer is valid.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Names that were logged as unresolved. Used between two rounds of questions only.</summary>
    private readonly HashSet<string> _failing = new(StringComparer.OrdinalIgnoreCase);

    private IReadOnlyDictionary<string, IPAddress[]> _known = FrozenDictionary<string, IPAddress[]>.Empty;

    private TaskCompletionSource _reloaded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The addresses of each name that was resolved; replaced when one of them changes.</summary>
    public IReadOnlyDictionary<string, IPAddress[]> Known => Volatile.Read(ref _known);

    /// <summary>Runs until it is stopped.</summary>
    /// <param name="changed">Called after a change of <see cref="Known"/>.</param>
    /// <param name="stoppingToken">Stops it.</param>
    public async Task RunAsync(Action changed, CancellationToken stoppingToken)
    {
        model.OnChange(_ => Volatile.Read(ref _reloaded).TrySetResult());
        try
        {
            while (true)
            {
                // Read before the names are, so that no reload in between is missed.
                var reloaded = Volatile.Read(ref _reloaded);
                string[] names = [.. model.Current.Services.Values
                    .SelectMany(static policy => policy.Endpoints)
                    .Where(static endpoint => endpoint.ResolvesEach)
                    .Select(static endpoint => endpoint.Address.IdnHost)
                    .Distinct(StringComparer.OrdinalIgnoreCase)];
                if (await AskAsync(names, stoppingToken).ConfigureAwait(false))
                {
                    changed();
                }

                await WaitAsync(
                    reloaded.Task, names.Length == 0 ? Timeout.InfiniteTimeSpan : Interval, stoppingToken).ConfigureAwait(false);
                if (reloaded.Task.IsCompleted)
                {
                    Volatile.Write(ref _reloaded, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped, as asked.
        }
    }

    private async Task<bool> AskAsync(string[] names, CancellationToken stoppingToken)
    {
        var answers = await Task.WhenAll(names.Select(name => AskAsync(name, stoppingToken))).ConfigureAwait(false);
        var known = Known;
        Dictionary<string, IPAddress[]> next = new(StringComparer.OrdinalIgnoreCase);
        var changed = false;
        for (var i = 0; i < names.Length; i++)
        {
            var (answer, failure) = answers[i];
            if (failure is null)
            {
                _failing.Remove(names[i]);
            }
            else if (_failing.Add(names[i]))
            {
                LogNotResolved(logger, names[i], failure);
            }

            var before = known.GetValueOrDefault(names[i]);
            var now = InOrder(answer, before) ?? before;
            if (now is null)
            {
                continue;
            }

            changed |= before is null || !now.SequenceEqual(before);
            next[names[i]] = now;
        }

        if (changed || next.Count != known.Count)
        {
            Volatile.Write(ref _known, next);
        }

        return changed;
    }

    /// <returns>No address and the reason where there is no answer.</returns>
    private async Task<(IPAddress[] Answer, string? Failure)> AskAsync(string name, CancellationToken stoppingToken)
    {
        using var over = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, over.Token);
        try
        {
            // Not every system cancels a question when it is told to.
            var asking = resolver.ResolveAsync(name, either.Token);
            AbandonedTask.Watch(asking);
            var addresses = await asking.WaitAsync(either.Token).ConfigureAwait(false);
            return (addresses, addresses.Length > 0 ? null : "it has no address");
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            return ([], "no answer in time");
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Also for an invalid name, such as one of more than 255 characters: the other names must still be asked again.
            return ([], exception.Message);
        }
    }

    /// <summary>The addresses of one family, since a machine with both would count twice: the family in use, or else that of the address
    /// that the system puts first, because it has a route to it. Sorted, so that the order does not change with every answer.</summary>
    private static IPAddress[]? InOrder(IPAddress[] answer, IPAddress[]? before)
    {
        if (answer.Length == 0)
        {
            return null;
        }

        var family = before is not null && Array.Exists(answer, address => address.AddressFamily == before[0].AddressFamily)
            ? before[0].AddressFamily
            : answer[0].AddressFamily;
        return [.. answer.Where(address => address.AddressFamily == family).Distinct()
            .OrderBy(static address => Convert.ToHexString(address.GetAddressBytes()), StringComparer.Ordinal)];
    }

    private async Task WaitAsync(Task reloaded, TimeSpan longest, CancellationToken stoppingToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        await Task.WhenAny(reloaded, Task.Delay(longest, time, over.Token)).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        stoppingToken.ThrowIfCancellationRequested();
    }

    [LoggerMessage(
        1206,
        LogLevel.Warning,
        "'{Name}' (Resolve: Each) cannot be resolved ({Reason}). Its last known addresses stay in use; without any, "
        + "the name itself is one endpoint.",
        EventName = "NameNotResolved")]
    private static partial void LogNotResolved(ILogger logger, string name, string reason);
}
