using Microsoft.Extensions.Hosting;

namespace Benchmarks.Shared;

/// <summary>Leaves signals alone. The usual lifetime stops the host at Ctrl+C, and the program would go on without it.</summary>
internal sealed class NoLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
