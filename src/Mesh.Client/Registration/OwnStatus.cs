namespace Mesh.Client.Registration;

/// <summary>What this application says of itself, out of everything that has a say in it.</summary>
/// <param name="Life">How far it is: STARTING, UP or DOWN. Stronger than all else unless UP.</param>
/// <param name="Chosen">What the application has set by hand; UP for nothing.</param>
/// <param name="Healthy">Whether its health checks let it serve.</param>
/// <param name="Lifted">Whether an operator has set UP over STARTING, after that was chosen.</param>
internal readonly record struct OwnStatus(RegistrationStatus Life, RegistrationStatus Chosen, bool Healthy, bool Lifted = false)
{
    /// <summary>The status to send.</summary>
    /// <remarks>A server believes a registration as STARTING, whatever override stands beside it. So an operator's UP outlives the next
    /// registration only if that is what it says. It replaces the choice, never the life cycle or the health.</remarks>
    public RegistrationStatus Sent =>
        Lifted && Chosen == RegistrationStatus.Starting ? (this with { Chosen = RegistrationStatus.Up }).Registered : Registered;

    /// <summary>The status that is registered.</summary>
    /// <remarks>Not OUT_OF_SERVICE: over a lease that is UP a real server ignores it in a registration.
    /// It is set as an override beside it.</remarks>
    public RegistrationStatus Registered =>
        Life != RegistrationStatus.Up ? Life
        : Chosen is RegistrationStatus.Down or RegistrationStatus.Starting ? Chosen
        : Healthy ? RegistrationStatus.Up
        : RegistrationStatus.Down;

    /// <summary>Whether the application has taken itself out of service.</summary>
    public bool TakenOut => Life == RegistrationStatus.Up && Chosen == RegistrationStatus.OutOfService;

    public RegistrationStatus Effective => TakenOut ? RegistrationStatus.OutOfService : Registered;
}
