using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Mesh.Client.FunctionalTests.Servers;

/// <summary>An application on the mesh as a process of its own, which gets real signals and has a real exit code.</summary>
internal sealed class ApplicationProcess : IDisposable
{
    private const int Sigterm = 15;

    private readonly Process _process;

    private ApplicationProcess(Process process) => _process = process;

    /// <summary>What it has written so far.</summary>
    public ConcurrentQueue<string> Output { get; } = [];

    public int ExitCode => _process.ExitCode;

    public bool HasExited => _process.HasExited;

    /// <summary>The most physical memory it has had so far, in bytes.</summary>
    public long MemoryPeak
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64;
        }
    }

    /// <param name="kind">How it is built: <c>web</c>, <c>host</c> or <c>worker</c>.</param>
    /// <param name="settings">Its configuration.</param>
    public static ApplicationProcess Start(string kind, IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Mesh.Client.TestApplication"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        start.ArgumentList.Add(kind);
        foreach (var (key, value) in settings)
        {
            start.ArgumentList.Add($"--{key}={value}");
        }

        var process = new Process { StartInfo = start };
        var application = new ApplicationProcess(process);
        process.OutputDataReceived += (_, line) => application.Output.Enqueue(line.Data ?? string.Empty);
        process.ErrorDataReceived += (_, line) => application.Output.Enqueue(line.Data ?? string.Empty);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return application;
    }

    public Task UntilAsync(string line) => Patience.UntilAsync(() => Output.Contains(line) || HasExited, $"the application says '{line}'");

    /// <summary>As an orchestrator tells it to stop.</summary>
    public void Terminate() => Assert.True(_process.HasExited || Kill(_process.Id, Sigterm) == 0);

    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience.Limit, TimeProvider.System);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int Kill(int pid, int signal);
}
