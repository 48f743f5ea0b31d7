namespace Samples.Processes;

/// <summary>How a process ended.</summary>
internal sealed record ProcessEnd(int Pid, int ExitCode, TimeSpan Took)
{
    /// <summary>The exit code that the operating system gives a process killed by SIGKILL; Windows has no signals and gives -1.</summary>
    public static int Killed => OperatingSystem.IsWindows() ? -1 : 128 + 9;
}
