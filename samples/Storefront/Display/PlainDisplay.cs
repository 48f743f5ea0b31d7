using System.Globalization;

namespace Storefront.Display;

/// <summary>For files and build logs: what happens, and a line every few seconds.</summary>
internal sealed class PlainDisplay : IDisplay
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly StatusSource _status;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public PlainDisplay(StatusSource status)
    {
        _status = status;
        _loop = RunAsync();
    }

    public void Announce(string text) => Console.WriteLine($"[{_status.Clock}] {text}");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        while (await timer.WaitForNextTickAsync(_stop.Token))
        {
            var (calls, failed) = _status.Count;
            var recent = _status.RecentCalls;
            var endpoints = _status.Endpoints.Select(row =>
                $"{row.Instance.Name} {Cells.State(row.Instance.State)} {Cells.Share(row.RecentShare)}");
            Announce(string.Create(
                CultureInfo.InvariantCulture,
                $"  {calls} calls, {failed} failed; now p50 {Cells.Milliseconds(recent.Latency.P50)}, p99 "
                + $"{Cells.Milliseconds(recent.Latency.P99)} | {string.Join(", ", endpoints)}"));
        }
    }
}
