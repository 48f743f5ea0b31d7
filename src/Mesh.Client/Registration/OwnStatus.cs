namespace Mesh.Client.Registration;

/// <summary>What this application says of itself, out of everything that has a say in it.</summary>
/// <param name="Life">How far it is: STARTING, UP or DOWN. Stronger than all else unless UP.</param>
/// <param name="Chosen">What the application has set by hand; UP for nothing.</param>
/// <param name="Healthy">Whether its health checks let it serve.</param>
internal readonly record struct OwnStatus(RegistrationStatus Life, RegistrationStatus Chosen, bool Healthy)
{
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
