namespace Mesh.Client.Registration;

/// <summary>Turns rounds of checks into a verdict that does not flap. It starts as healthy: the registration became UP because the checks
/// passed.</summary>
internal sealed class HealthDamping
{
    private int _against;

    public bool Healthy { get; private set; } = true;

    /// <param name="healthy">The result of the round.</param>
    /// <param name="failuresBeforeDown">How many consecutive unhealthy rounds change the verdict.</param>
    /// <param name="successesBeforeUp">How many consecutive healthy rounds change it back.</param>
    /// <returns>Whether the verdict has changed.</returns>
    public bool Take(bool healthy, int failuresBeforeDown, int successesBeforeUp)
    {
        if (healthy == Healthy)
        {
            _against = 0;
            return false;
        }

        if (++_against < (healthy ? successesBeforeUp : failuresBeforeDown))
        {
            return false;
        }

        _against = 0;
        Healthy = healthy;
        return true;
    }
}
