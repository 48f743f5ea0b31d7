using System.Diagnostics;
using Microsoft.Extensions.Hosting;

namespace Samples.Processes;

/// <summary>Ends this process when the demo is gone, even by SIGKILL: the pipe to the standard input then reaches its end.</summary>
internal sealed class ParentWatch(IHostApplicationLifetime lifetime) : IHostedService
{
    /// <summary>The line that asks for a graceful stop, where there is no SIGTERM (Windows).</summary>
    public const string StopLine = "stop";

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // A thread of its own: the read blocks for the whole life of the process, and must also see the end while the host stops.
        new Thread(Watch) { IsBackground = true, Name = nameof(ParentWatch) }.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Watch()
    {
        using var input = new StreamReader(Console.OpenStandardInput());
        while (input.ReadLine() is { } line)
        {
            if (line == StopLine)
            {
                lifetime.StopApplication();
            }
        }

        // No process is left that could wait for a graceful end.
        Process.GetCurrentProcess().Kill();
    }
}
