namespace Mesh.Client.Lifecycle;

/// <summary>The signals by which the operating system tells a process to end.</summary>
internal interface IStopSignals
{
    /// <summary>Calls back for each signal from now on, until disposed.</summary>
    IDisposable Listen(Action signaled);
}
