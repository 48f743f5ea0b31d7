using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Client.Tests.Inbound;

/// <summary>An answer that can be begun, as a server does.</summary>
internal sealed class StartingResponse : HttpResponseFeature
{
    private readonly Stack<(Func<object, Task> Callback, object State)> _starting = new();

    private bool _started;

    public override bool HasStarted => _started;

    public override void OnStarting(Func<object, Task> callback, object state) => _starting.Push((callback, state));

    public async Task StartAsync()
    {
        while (_starting.TryPop(out var next))
        {
            await next.Callback(next.State);
        }

        _started = true;
    }
}
