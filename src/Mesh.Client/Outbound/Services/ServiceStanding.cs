namespace Mesh.Client.Outbound.Services;

/// <summary>The state of a service in this application, apart from its endpoints.</summary>
internal sealed class ServiceStanding
{
    private volatile bool _called;
    private volatile string? _absence;

    /// <summary>Whether a call to it was ever made.</summary>
    public bool IsCalled => _called;

    /// <summary>Why a source has no endpoint for it, such as <c>its 2 instances are STARTING</c>; null if no source has given a
    /// reason.</summary>
    public string? Absence
    {
        get => _absence;
        set => _absence = value;
    }

    /// <summary>A call begins. It only reads, except for the first call.</summary>
    public void MarkCalled()
    {
        if (!_called)
        {
            _called = true;
        }
    }
}
