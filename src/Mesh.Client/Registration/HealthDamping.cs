namespace Mesh.Client.Registration;

/// <summary>Turns rounds of checks into a verdict that does not flap. Healthy to begin with: the
/// registration became UP because it was.</summary>
internal sealed class HealthDamping
{
    private int _against;

    public bool Healthy { get; private set; } = true;

    /// <param name="healthy">What the round said.</param>
    /// <param name="failuresBeforeDown">How many unhealthy rounds in a row change the verdict.</param>
    /// <param name="successesBeforeUp">How many healthy rounds in a row change it back.</param>
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
