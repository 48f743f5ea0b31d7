namespace Mesh.Client.Faults.Deploy;

/// <summary>Lets everybody go on when all have arrived.</summary>
internal sealed class Rendezvous(int expected) : IDisposable
{
    private readonly CountdownEvent _missing = new(expected);
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task ArriveAsync(CancellationToken cancellation)
    {
        if (_missing.Signal())
        {
            _all.SetResult();
        }

        return _all.Task.WaitAsync(cancellation);
    }

    public void Dispose() => _missing.Dispose();
}
