using System.Net.Http.Json;
using System.Text.Json;
using Mesh.Client;

namespace HttpList;

internal sealed class HttpListSource(IOptionsMonitor<HttpListOptions> options, IHttpClientFactory clients, TimeProvider time) : IMeshSource
{
    private readonly HashSet<string> _published = [];

    public string Name => "http-list";

    public MeshSourceStatus Status => options.CurrentValue.Url is { } url
        ? new() { Addresses = [url.ToString()] }
        : new() { Idle = "No list is configured (Mesh:Discovery:HttpList:Url)." };

    public async Task RunAsync(IMeshSink sink, CancellationToken stoppingToken)
    {
        var settings = options.CurrentValue;
        while (true)
        {
            var begun = time.GetTimestamp();
            settings = Current(settings);
            if (settings.Url is { } url)
            {
                sink.BeginRead();
                sink.EndRead(settings.Interval, failure: await ReadAsync(sink, url, stoppingToken));
            }
            else
            {
                // Nothing to wait for; a reload may name a list later.
                sink.StopReading();
                sink.Ready();
            }

            await RestAsync(sink, begun, settings.Interval, stoppingToken);
        }
    }

    /// <returns>Why there is no answer; null for a good one.</returns>
    private async Task<string?> ReadAsync(IMeshSink sink, Uri url, CancellationToken stoppingToken)
    {
        Dictionary<string, HttpListEntry[]>? list;
        try
        {
            list = await clients.CreateClient(HttpListExtensions.Client).GetFromJsonAsync<Dictionary<string, HttpListEntry[]>>(
                new Uri(url, "services"), stoppingToken);
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException or TaskCanceledException
            && !stoppingToken.IsCancellationRequested)
        {
            // A bad answer changes nothing: what was published last stays in use.
            return failure.Message;
        }

        if (list is null || list.Values.Any(static entries => entries?.All(IsComplete) != true))
        {
            return "The list is incomplete.";
        }

        foreach (var (service, entries) in list)
        {
            _published.Add(service);
            sink.Publish(new ServiceUpdate(service)
            {
                Endpoints = [.. entries.Where(static entry => entry.Status == InstanceStatus.Up).Select(entry => Describe(entry, url))],
                Leaving = entries.Where(static entry => entry.Status == InstanceStatus.Down).Select(static entry => entry.Id).ToHashSet(),
                IsListed = true,
            });
        }

        _published.RemoveWhere(service => !list.ContainsKey(service) && sink.Withdraw(service));
        sink.Ready();
        return null;
    }

    /// <summary>The last good settings: after an edit with a mistake the monitor throws, until it is mended.</summary>
    private HttpListOptions Current(HttpListOptions before)
    {
        try
        {
            return options.CurrentValue;
        }
        catch (Exception)
        {
            return before;
        }
    }

    private static bool IsComplete(HttpListEntry? entry) =>
        entry is { Id: not null, Address.IsAbsoluteUri: true, Metadata: { } metadata }
        && metadata.Values.All(static value => value is not null);

    private static EndpointDescription Describe(HttpListEntry entry, Uri list) => new()
    {
        Address = entry.Address,
        InstanceId = entry.Id,
        Labels = entry.Metadata,
        Zone = entry.Metadata.GetValueOrDefault("zone"),

        // Addresses of this machine are believed only if the list is on this machine.
        IsFromThisMachine = list.IsLoopback,
    };

    /// <summary>Until the next reading is due; sooner if calls want news, but no more often than every 5 s, or every second if they need
    /// it.</summary>
    private async Task RestAsync(IMeshSink sink, long begun, TimeSpan interval, CancellationToken stoppingToken)
    {
        await UntilAsync(interval, sink.NewsWanted);
        await UntilAsync(TimeSpan.FromSeconds(Math.Min(5, interval.TotalSeconds)), sink.NewsNeeded);
        await UntilAsync(TimeSpan.FromSeconds(1));

        async Task UntilAsync(TimeSpan age, Task? sooner = null)
        {
            if (age - time.GetElapsedTime(begun) is var rest && rest > TimeSpan.Zero)
            {
                var over = Task.Delay(rest, time, stoppingToken);
                await Task.WhenAny(over, sooner ?? over);
                stoppingToken.ThrowIfCancellationRequested();
            }
        }
    }
}
