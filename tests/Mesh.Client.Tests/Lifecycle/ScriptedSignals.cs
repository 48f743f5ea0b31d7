using Mesh.Client.Lifecycle;

namespace Mesh.Client.Tests.Lifecycle;

/// <summary>Signals of the operating system at the test's word.</summary>
internal sealed class ScriptedSignals : IStopSignals
{
    private Action? _signaled;

    public bool HasListener => _signaled is not null;

    public void Send() => _signaled?.Invoke();

    public IDisposable Listen(Action signaled)
    {
        _signaled = signaled;
        return new Listening(this);
    }

    private sealed class Listening(ScriptedSignals signals) : IDisposable
    {
        public void Dispose() => signals._signaled = null;
    }
}
