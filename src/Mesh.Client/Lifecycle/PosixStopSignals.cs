using System.Runtime.InteropServices;

namespace Mesh.Client.Lifecycle;

/// <summary>SIGTERM, Ctrl-C and SIGQUIT, the signals of the host's own lifetime; Windows has equivalents.</summary>
internal sealed class PosixStopSignals : IStopSignals
{
    private static readonly PosixSignal[] Signals = [PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT];

    public IDisposable Listen(Action signaled)
    {
        // This only listens: it does not change whether the signal ends the process.
        return new Registrations([.. Signals.Select(signal => PosixSignalRegistration.Create(signal, _ => signaled()))]);
    }

    private sealed class Registrations(PosixSignalRegistration[] registrations) : IDisposable
    {
        public void Dispose() => Array.ForEach(registrations, registration => registration.Dispose());
    }
}
