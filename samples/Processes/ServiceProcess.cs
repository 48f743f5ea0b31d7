using System.Diagnostics;

namespace Samples.Processes;

/// <summary>One instance of a service: one process after another at the same address.</summary>
internal sealed class ServiceProcess : IDisposable
{
    /// <summary>The first argument of a process that plays a role; the role's name follows.</summary>
    public const string RoleArgument = "role";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly string[] _arguments;
    private readonly TextWriter _log;
    private Process? _process;
    private long _started;

    // Scenes change it while the display reads it.
    private volatile ServiceState _state = ServiceState.Stopped;

    // Set before an end that the demo wants, read in the exit event, which comes on another thread.
    private volatile bool _endIsWanted;

    public ServiceProcess(string service, int number, int port, string folder, IEnumerable<string> arguments)
    {
        Service = service;
        Name = $"{service}-{number}";
        Address = new Uri($"http://127.0.0.1:{port}");
        LogFile = Path.Combine(folder, Name + ".log");
        _log = TextWriter.Synchronized(new StreamWriter(LogFile) { AutoFlush = true });
        _arguments = [RoleArgument, service, "--urls", Address.AbsoluteUri, .. arguments];
    }

    public string Service { get; }

    public string Name { get; }

    public Uri Address { get; }

    public string LogFile { get; }

    public int Pid { get; private set; }

    /// <summary>How the process ended unexpectedly; null while it has not.</summary>
    public ProcessEnd? Crash { get; private set; }

    public ServiceState State
    {
        get => _state;
        set => _state = value;
    }

    public void Start()
    {
        _process?.Dispose();
        _endIsWanted = false;
        State = ServiceState.Starting;
        var process = new Process { StartInfo = Executable.StartWith(_arguments), EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Log(line.Data);
        process.ErrorDataReceived += (_, line) => Log(line.Data);
        process.Exited += (_, _) => OnExited(process);
        _started = Stopwatch.GetTimestamp();
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
        Pid = process.Id;
    }

    /// <summary>Waits until the process does what it is there for.</summary>
    /// <exception cref="DemoException">It ended before, or takes too long.</exception>
    public async Task WaitUntilAsync(Func<Task<bool>> isReady, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await isReady())
        {
            if (Crash is { } crash)
            {
                throw new DemoException($"{Name} (pid {crash.Pid}) ended at its start with exit code {crash.ExitCode}.");
            }

            if (Stopwatch.GetElapsedTime(started) > StartTimeout)
            {
                throw new DemoException($"{Name} (pid {Pid}) was not ready within {StartTimeout.TotalSeconds:0} s.");
            }

            await Task.Delay(Pause, cancellation);
        }

        State = ServiceState.Up;
    }

    /// <summary>Ends the process at once, by SIGKILL: it gets no chance to deregister.</summary>
    public async Task<ProcessEnd> KillAsync(CancellationToken cancellation)
    {
        var process = Running();
        var started = Stopwatch.GetTimestamp();
        _endIsWanted = true;
        process.Kill();
        State = ServiceState.Killed;
        await process.WaitForExitAsync(cancellation);
        return new ProcessEnd(process.Id, process.ExitCode, Stopwatch.GetElapsedTime(started));
    }

    /// <summary>Ends the process gracefully, by SIGTERM, and waits for it.</summary>
    public async Task<ProcessEnd> StopAsync(TimeSpan timeout, CancellationToken cancellation)
    {
        var process = Running();
        var started = Stopwatch.GetTimestamp();
        _endIsWanted = true;
        State = ServiceState.Draining;
        Signal.Terminate(process);
        try
        {
            await process.WaitForExitAsync(cancellation).WaitAsync(timeout, cancellation);
        }
        catch (TimeoutException)
        {
            throw new DemoException($"{Name} (pid {process.Id}) still runs {timeout.TotalSeconds:0} s after SIGTERM.");
        }

        State = ServiceState.Stopped;
        return new ProcessEnd(process.Id, process.ExitCode, Stopwatch.GetElapsedTime(started));
    }

    /// <summary>Says that the end of the process, however it comes, is no crash any more.</summary>
    public void ExpectEnd() => _endIsWanted = true;

    public void Dispose()
    {
        _endIsWanted = true;
        if (_process is { } process)
        {
            if (!process.HasExited)
            {
                process.Kill();
                process.WaitForExit(TimeSpan.FromSeconds(5));
            }

            process.Dispose();
            _process = null;
        }

        _log.Dispose();
    }

    private Process Running() =>
        _process is { HasExited: false } process
            ? process
            : throw new DemoException(
                Crash is null ? $"{Name} does not run." : $"{Name} (pid {Crash.Pid}) ended by itself, exit code {Crash.ExitCode}.");

    private void OnExited(Process process)
    {
        if (!_endIsWanted)
        {
            Crash = new ProcessEnd(process.Id, process.ExitCode, Stopwatch.GetElapsedTime(_started));
            State = ServiceState.Crashed;
        }
    }

    private void Log(string? line)
    {
        try
        {
            _log.WriteLine(line);
        }
        catch (ObjectDisposedException)
        {
            // The last lines of a process that the end of the demo killed: they are no longer needed.
        }
    }
}
