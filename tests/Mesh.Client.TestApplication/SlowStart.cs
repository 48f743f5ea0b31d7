namespace Mesh.Client.TestApplication;

/// <summary>A service of the application that takes its time in one phase of the start, and may fail there.</summary>
internal sealed class SlowStart(IConfiguration configuration) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => RunAsync("Starting", cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => RunAsync("Start", cancellationToken);

    public Task StartedAsync(CancellationToken cancellationToken) => RunAsync("Started", cancellationToken);

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task RunAsync(string phase, CancellationToken cancellationToken)
    {
        if (configuration["Slow:Phase"] != phase)
        {
            return;
        }

        Console.WriteLine("slow");
        await Task.Delay(configuration.GetValue<TimeSpan>("Slow:Time"), TimeProvider.System, cancellationToken);
        if (configuration.GetValue<bool>("Slow:Fails"))
        {
            throw new InvalidOperationException("This start fails, as it should.");
        }
    }
}
