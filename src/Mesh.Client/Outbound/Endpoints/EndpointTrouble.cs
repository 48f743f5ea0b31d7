namespace Mesh.Client.Outbound.Endpoints;

/// <summary>What is kept of an endpoint that has failed or refused a request.</summary>
internal sealed class EndpointTrouble
{
    /// <summary>Not a property: it is counted in place.</summary>
    public OutcomeWindow Refusals;

    private volatile bool _refusesAlone;

    public bool RefusesAlone
    {
        get => _refusesAlone;
        set => _refusesAlone = value;
    }

    public string? LastFailure { get; set; }
}
