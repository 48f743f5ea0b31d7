namespace Mesh.Client.Registration;

/// <summary>The status of this application, from everything that influences it.</summary>
/// <param name="Life">The stage of the life cycle: STARTING, UP or DOWN. Overrides the rest unless UP.</param>
/// <param name="Chosen">The status that the application has set by hand; UP for none.</param>
/// <param name="Healthy">Whether its health checks pass.</param>
/// <param name="Lifted">Whether an operator has set UP over STARTING, after the application chose that.</param>
internal readonly record struct OwnStatus(RegistrationStatus Life, RegistrationStatus Chosen, bool Healthy, bool Lifted = false)
{
    /// <summary>The status to send.</summary>
    /// <remarks>A server accepts a registration as STARTING, whatever override it has. So an operator's UP survives the next registration
    /// only if that is UP, too. It replaces the application's choice, never the life cycle or the health.</remarks>
    public RegistrationStatus Sent =>
        Lifted && Chosen == RegistrationStatus.Starting ? (this with { Chosen = RegistrationStatus.Up }).Registered : Registered;

    /// <summary>The status that is registered.</summary>
    /// <remarks>Never OUT_OF_SERVICE: a real server ignores it in a registration over a lease that is UP. It is set as an override
    /// instead.</remarks>
    public RegistrationStatus Registered =>
        Life != RegistrationStatus.Up ? Life
        : Chosen is RegistrationStatus.Down or RegistrationStatus.Starting ? Chosen
        : Healthy ? RegistrationStatus.Up
        : RegistrationStatus.Down;

    /// <summary>Whether the application has taken itself out of service.</summary>
    public bool TakenOut => Life == RegistrationStatus.Up && Chosen == RegistrationStatus.OutOfService;

    public RegistrationStatus Effective => TakenOut ? RegistrationStatus.OutOfService : Registered;
}
