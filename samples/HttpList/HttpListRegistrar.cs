using System.Net.Http.Json;
using Mesh.Client;

namespace HttpList;

internal sealed partial class HttpListRegistrar(
    IOptionsMonitor<HttpListOptions> options,
    IHttpClientFactory clients,
    IMeshRegistration own,
    TimeProvider time,
    ILogger<HttpListRegistrar> logger) : IServiceRegistrar, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;
    private Uri? _place;
    private string _id = string.Empty;
    private Uri? _address;

    public string Name => "http-list";

    public bool IsWanted => options.CurrentValue is { Url: not null, Register: true };

    public bool IsAnnouncedUp { get; private set; }

    public string? Prepare(OwnInstance instance)
    {
        if (!IsWanted || instance is not { HostName: { } host, Port: { } port })
        {
            return null;
        }

        _id = $"{host}:{port}";
        _address = new Uri($"http://{_id}/");
        _place = new Uri(options.CurrentValue.Url!, $"services/{instance.Service}/{_id}");
        return _id;
    }

    public void Begin() => _loop = RunAsync(_stop.Token);

    public async Task EndAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _loop.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task AnnounceDownAsync(CancellationToken cancellationToken) => _place is null ? Task.CompletedTask : PutAsync(cancellationToken);

    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        if (_place is not null)
        {
            using var answer = await clients.CreateClient(HttpListExtensions.Client).DeleteAsync(_place, cancellationToken);
            answer.EnsureSuccessStatusCode();
        }
    }

    public void Dispose() => _stop.Dispose();

    /// <summary>Enters this instance, again with each change, and now and then so that the entry does not expire.</summary>
    private async Task RunAsync(CancellationToken stopping)
    {
        while (true)
        {
            var changed = own.NextChange;
            try
            {
                await PutAsync(stopping);
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !stopping.IsCancellationRequested)
            {
                LogFailed(failure);
            }

            await Task.WhenAny(changed, Task.Delay(options.CurrentValue.Interval, time, stopping));
            stopping.ThrowIfCancellationRequested();
        }
    }

    private async Task PutAsync(CancellationToken cancellationToken)
    {
        var entry = new HttpListEntry(_id, _address!, own.Status, own.Metadata);
        IsAnnouncedUp |= entry.Status == InstanceStatus.Up;
        using var answer = await clients.CreateClient(HttpListExtensions.Client).PutAsJsonAsync(_place, entry, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    [LoggerMessage(1, LogLevel.Warning, "This application cannot be entered into the list. It is tried again.")]
    private partial void LogFailed(Exception failure);
}
