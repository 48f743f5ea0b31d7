using System.Runtime.InteropServices;

namespace Mesh.Client.Lifecycle;

/// <summary>SIGTERM, Ctrl-C and SIGQUIT, as the host's own lifetime hears them; Windows has the like.</summary>
internal sealed class PosixStopSignals : IStopSignals
{
    private static readonly PosixSignal[] Signals = [PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT];

    public IDisposable Listen(Action signaled)
    {
        // Whether the signal also ends the process at once is left to whoever decided it before: this only listens.
        return new Registrations([.. Signals.Select(signal => PosixSignalRegistration.Create(signal, _ => signaled()))]);
    }

    private sealed class Registrations(PosixSignalRegistration[] registrations) : IDisposable
    {
        public void Dispose() => Array.ForEach(registrations, registration => registration.Dispose());
    }
}
