using System.Collections.Concurrent;
using Spectre.Console;
using Storefront.Driver;

namespace Storefront.Display;

/// <summary>For a terminal: a table that stays in place, and above it what happens.</summary>
internal sealed class LiveDisplay : IDisplay
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly StatusSource _status;
    private readonly CancellationTokenSource _stop = new();

    // Lines wait for the next drawing, so that only one thread writes to the terminal.
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Task _loop;

    public LiveDisplay(StatusSource status)
    {
        _status = status;
        _loop = AnsiConsole.Live(Draw()).StartAsync(RunAsync);
    }

    public void Announce(string text) => _lines.Enqueue($"[{_status.Clock}] {text}");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task RunAsync(LiveDisplayContext terminal)
    {
        using var timer = new PeriodicTimer(Interval);
        bool more;
        do
        {
            try
            {
                more = await timer.WaitForNextTickAsync(_stop.Token);
            }
            catch (OperationCanceledException)
            {
                more = false;
            }

            while (_lines.TryDequeue(out var line))
            {
                // The terminal still shows the table where this goes: fill the lines, so that nothing of it is left beside the text.
                foreach (var part in line.Chunk(AnsiConsole.Profile.Width - 1))
                {
                    AnsiConsole.WriteLine(new string(part).PadRight(AnsiConsole.Profile.Width - 1));
                }
            }

            terminal.UpdateTarget(Draw());
        }
        while (more);
    }

    private Table Draw()
    {
        var (calls, failed) = _status.Count;
        var table = new Table().Border(TableBorder.Rounded)
            .Title(Markup.Escape($"{_status.Clock}  {_status.Scene}"))
            .Caption(Markup.Escape($"{calls} calls, {failed} failed; share, success and latencies of the last seconds"))
            .AddColumns("service", "endpoint", "state");
        foreach (var column in new[] { "share", "success", "p50", "p99" })
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        AddStorefront(table, _status.RecentCalls);
        foreach (var row in _status.Endpoints)
        {
            AddEndpoint(table, row);
        }

        return table;
    }

    private static void AddStorefront(Table table, CallSummary recent)
    {
        table.AddRow(
            "[bold]storefront[/]",
            "as its customers see it",
            "",
            "",
            recent.Failed == 0 ? $"[green]{Cells.Success(recent.Success)}[/]" : $"[red]{Cells.Success(recent.Success)}[/]",
            Cells.Milliseconds(recent.Latency.P50),
            Cells.Milliseconds(recent.Latency.P99));
        table.AddEmptyRow();
    }

    private static void AddEndpoint(Table table, EndpointRow row)
    {
        var state = row.Instance.State;
        var colour = state switch
        {
            ServiceState.Up => "green",
            ServiceState.Killed or ServiceState.Failing or ServiceState.Crashed => "red",
            _ => "yellow",
        };
        table.AddRow(
            row.Instance.Name,
            row.Instance.Address.Authority,
            $"[{colour}]{Cells.State(state)}[/]",
            Cells.Share(row.RecentShare),
            Cells.Success(row.Recent.Success),
            Cells.Milliseconds(row.Recent.Latency.P50),
            Cells.Milliseconds(row.Recent.Latency.P99));
    }
}
