using System.Net;
using System.Net.Sockets;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Transport;

/// <summary>Connects to a name with several addresses although some of them are silent (in the spirit of RFC 8305, "Happy Eyeballs"): the
/// next one is tried a moment after the last, which is not abandoned, and the first that answers is used.</summary>
internal sealed class ConnectionRace(IConnector connector, SilentAddresses silent, [OwnClock] TimeProvider time)
{
    /// <summary>Delay until the next address is tried in parallel, as recommended by RFC 8305.</summary>
    public static readonly TimeSpan Stagger = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan MinStagger = TimeSpan.FromMilliseconds(10);

    /// <param name="addresses">The addresses of the name.</param>
    /// <param name="port">The port.</param>
    /// <param name="timeout">The time for all; every address gets its share.</param>
    /// <param name="cancellationToken">Cancelled when that time is over.</param>
    /// <exception cref="SocketException">No address answers.</exception>
    public ValueTask<Stream> ConnectAsync(
        IReadOnlyList<IPAddress> addresses, int port, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (addresses.Count == 1)
        {
            return connector.ConnectAsync(new IPEndPoint(addresses[0], port), cancellationToken);
        }

        return RunAsync(InOrder(addresses, port), timeout, cancellationToken);
    }

    private async ValueTask<Stream> RunAsync(IPEndPoint[] addresses, TimeSpan timeout, CancellationToken cancellationToken)
    {
        // All addresses must get their turn within the time.
        var share = timeout > TimeSpan.Zero ? timeout / (addresses.Length + 1) : Stagger;
        var stagger = share > Stagger ? Stagger : share < MinStagger ? MinStagger : share;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pending = new List<Contender>(addresses.Length);
        SocketException? failure = null;
        try
        {
            for (var next = 0; next < addresses.Length || pending.Count > 0;)
            {
                if (next < addresses.Length)
                {
                    var address = addresses[next++];
                    pending.Add(new Contender(address, time.GetTimestamp(), connector.ConnectAsync(address, over.Token).AsTask()));
                }

                var ended = await FirstAsync(
                    pending, next < addresses.Length ? stagger : Timeout.InfiniteTimeSpan, over.Token).ConfigureAwait(false);
                if (ended is null)
                {
                    continue;
                }

                pending.Remove(ended);
                try
                {
                    var stream = await ended.Connecting.ConfigureAwait(false);
                    silent.Remove(ended.Address);
                    return stream is NetworkStream network
                        ? new UnansweredStream(network.Socket, ended.Address, silent, time)
                        : stream;
                }
                catch (SocketException exception)
                {
                    silent.Add(ended.Address);
                    failure = exception;
                }
            }

            throw failure ?? new SocketException((int)SocketError.HostNotFound);
        }
        finally
        {
            foreach (var loser in pending)
            {
                // The one begun last may well be about to succeed.
                if (time.GetElapsedTime(loser.Since) >= stagger)
                {
                    silent.Add(loser.Address);
                }
            }

            await over.CancelAsync().ConfigureAwait(false);
            pending.ForEach(static loser => Close(loser.Connecting));
        }
    }

    /// <returns>A contender that has ended; null when the time was over before.</returns>
    private async ValueTask<Contender?> FirstAsync(List<Contender> pending, TimeSpan longest, CancellationToken cancellationToken)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var timer = Task.Delay(longest, time, done.Token);
        await Task.WhenAny([.. pending.Select(static contender => contender.Connecting), timer]).ConfigureAwait(false);
        await done.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return pending.Find(static contender => contender.Connecting.IsCompletedSuccessfully)
            ?? pending.Find(static contender => contender.Connecting.IsCompleted);
    }

    /// <summary>Closes a connection that could not be cancelled in time.</summary>
    private static void Close(Task<Stream> loser) => _ = loser.ContinueWith(
        static ended =>
        {
            if (ended.IsCompletedSuccessfully)
            {
                ended.Result.Dispose();
            }
            else
            {
                _ = ended.Exception;
            }
        },
        CancellationToken.None,
        TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);

    /// <summary>Alternates the families, since mostly one family fails as a whole; within each the order of DNS. Addresses that were silent
    /// come last.</summary>
    private IPEndPoint[] InOrder(IReadOnlyList<IPAddress> addresses, int port)
    {
        IPEndPoint[] all = [.. addresses.Distinct().Select(address => new IPEndPoint(address, port))];
        var known = all.ToLookup(silent.Contains);
        return [.. Interleave(known[false]), .. Interleave(known[true])];
    }

    private static IEnumerable<IPEndPoint> Interleave(IEnumerable<IPEndPoint> addresses) => addresses
        .GroupBy(static address => address.AddressFamily)
        .SelectMany(static (family, place) => family.Select((address, turn) => (address, turn, place)))
        .OrderBy(static entry => entry.turn).ThenBy(static entry => entry.place)
        .Select(static entry => entry.address);

    private sealed record Contender(IPEndPoint Address, long Since, Task<Stream> Connecting);
}
