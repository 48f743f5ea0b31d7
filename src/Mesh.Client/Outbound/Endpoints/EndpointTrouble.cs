namespace Mesh.Client.Outbound.Endpoints;

/// <summary>Data about an endpoint that has failed or refused a request.</summary>
internal sealed class EndpointTrouble
{
    /// <summary>A field and not a property, because it is counted in place.</summary>
    public OutcomeWindow Refusals;

    private volatile bool _refusesAlone;

    public bool RefusesAlone
    {
        get => _refusesAlone;
        set => _refusesAlone = value;
    }

    public string? LastFailure { get; set; }
}
