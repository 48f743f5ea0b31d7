using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Samples.Processes;

/// <summary>Asks a process to end gracefully, as an orchestrator does.</summary>
internal static class Signal
{
    private const int Sigterm = 15;

    public static void Terminate(Process process)
    {
        if (OperatingSystem.IsWindows())
        {
            process.StandardInput.WriteLine(ParentWatch.StopLine);
            process.StandardInput.Flush();
        }
        else if (Kill(process.Id, Sigterm) != 0)
        {
            throw new DemoException($"SIGTERM could not be sent to pid {process.Id}: error {Marshal.GetLastPInvokeError()}.");
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int Kill(int pid, int signal);
}
