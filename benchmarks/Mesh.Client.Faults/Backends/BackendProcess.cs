using System.Globalization;
using Mesh.Client.Faults.Deploy.Roles;
using Samples.Processes;

namespace Mesh.Client.Faults.Backends;

/// <summary>An instance in a process of its own.</summary>
internal sealed class BackendProcess(BackendBehaviour behaviour, int number, string folder) : IBackend
{
    private readonly HttpClient _probe = new(new SocketsHttpHandler { UseProxy = false });
    private readonly ServiceProcess _process = new(
        Role.Backend, number, LoopbackPort.Take(), folder, [BackendRole.BehaviourArgument, behaviour.ToString()]);

    public string Address => _process.Address.AbsoluteUri;

    public int Posts => throw new NotSupportedException("No scenario of processes sends POSTs.");

    public async Task StartAsync()
    {
        _process.Start();
        await _process.WaitUntilAsync(IsUpAsync, CancellationToken.None);
    }

    public Task StopAsync() => _process.KillAsync(CancellationToken.None);

    public async Task<int> CountRequestsAsync() =>
        int.Parse(await _probe.GetStringAsync(new Uri(_process.Address, Backend.CountPath)), CultureInfo.InvariantCulture);

    public ValueTask DisposeAsync()
    {
        _process.Dispose();
        _probe.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<bool> IsUpAsync()
    {
        try
        {
            return await CountRequestsAsync() == 0;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
