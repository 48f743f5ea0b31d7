namespace Mesh.Client;

/// <summary>How health checks take the registration <c>DOWN</c> and back <c>UP</c>.</summary>
/// <remarks>Only checks tagged <c>ready</c> count, and of these none that is tagged <c>mesh</c> or was seen to call a service of the mesh: the failure of one
/// service would take down those that call it, then those that call these.</remarks>
public sealed class EurekaHealthOptions
{
    /// <summary>Whether health checks change the registration at all.</summary>
    /// <value>Default true.</value>
    public bool? Enabled { get; set; }

    /// <summary>The time between two rounds of checks.</summary>
    /// <value>Default 10 s; 100 ms to 24 h.</value>
    public TimeSpan? Interval { get; set; }

    /// <summary>The longest time of one check, also before the application is ready; a slower one is unhealthy.</summary>
    /// <value>Default 10 s; 1 ms to 24 h.</value>
    public TimeSpan? CheckTimeout { get; set; }

    /// <summary>How many unhealthy rounds in a row take the registration <c>DOWN</c>.</summary>
    /// <value>Default 2; 1 or more.</value>
    public int? FailuresBeforeDown { get; set; }

    /// <summary>How many rounds in a row without an unhealthy check bring it back <c>UP</c>.</summary>
    /// <value>Default 2; 1 or more.</value>
    public int? SuccessesBeforeUp { get; set; }
}
