using System.Collections.Concurrent;
using System.Globalization;
using System.Net;

namespace Mesh.Client.FunctionalTests;

/// <summary>Several callers at once, GET and POST in turn, until stopped.</summary>
internal sealed class Traffic : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _client;
    private readonly Uri _address;
    private readonly Version _version;
    private readonly Task _running;
    private int _calls;
    private int _ids;

    public Traffic(HttpClient client, string address, int version = 1)
    {
        _version = version == 2 ? HttpVersion.Version20 : HttpVersion.Version11;
        _client = client;
        _address = new Uri(address);
        _running = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(RunAsync)));
    }

    public int Calls => Volatile.Read(ref _calls);

    /// <summary>What went wrong, in words.</summary>
    public ConcurrentQueue<string> Failures { get; } = [];

    /// <summary>The bodies of the POSTs that were answered.</summary>
    public ConcurrentQueue<string> Posts { get; } = [];

    public Task FlowAsync(int calls)
    {
        var goal = Calls + calls;
        return Patience.UntilAsync(() => Calls >= goal, $"{calls} more calls are made");
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running.Soon();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        while (!_stop.IsCancellationRequested)
        {
            var id = Interlocked.Increment(ref _ids);
            using var request = new HttpRequestMessage(id % 2 == 0 ? HttpMethod.Get : HttpMethod.Post, _address)
            {
                Version = _version,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            if (request.Method == HttpMethod.Post)
            {
                request.Content = new StringContent(id.ToString(CultureInfo.InvariantCulture));
            }

            try
            {
                // Not cancelled by the end of the traffic: a call that was begun is counted.
                using var response = await _client.SendAsync(request, CancellationToken.None);
                if (!response.IsSuccessStatusCode)
                {
                    Failures.Enqueue($"{request.Method} {id}: {response.StatusCode}");
                }
                else if (request.Method == HttpMethod.Post)
                {
                    Posts.Enqueue(id.ToString(CultureInfo.InvariantCulture));
                }
            }
            catch (Exception exception)
            {
                Failures.Enqueue($"{request.Method} {id}: {exception}");
            }

            Interlocked.Increment(ref _calls);
            await pace.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
