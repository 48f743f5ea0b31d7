namespace Mesh.Client.Lifecycle;

/// <summary>Hears what the operating system tells a process that should end.</summary>
internal interface IStopSignals
{
    /// <summary>Calls back for each signal from now on, until disposed.</summary>
    IDisposable Listen(Action signaled);
}
