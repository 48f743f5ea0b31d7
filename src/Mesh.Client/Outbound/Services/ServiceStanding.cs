namespace Mesh.Client.Outbound.Services;

/// <summary>How a service stands with this application, beside its endpoints.</summary>
internal sealed class ServiceStanding
{
    private volatile bool _called;
    private volatile string? _absence;

    /// <summary>Whether a call to it was ever made.</summary>
    public bool IsCalled => _called;

    /// <summary>Why a source has no endpoint for it, such as <c>its 2 instances are STARTING</c>; null where none has said so.</summary>
    public string? Absence
    {
        get => _absence;
        set => _absence = value;
    }

    /// <summary>A call begins: a read, but for the first.</summary>
    public void MarkCalled()
    {
        if (!_called)
        {
            _called = true;
        }
    }
}
