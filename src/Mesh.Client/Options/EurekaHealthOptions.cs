namespace Mesh.Client.Options;

/// <summary>How health checks change the registration to <c>DOWN</c> and back to <c>UP</c>.</summary>
/// <remarks>Only checks tagged <c>ready</c> count. Checks that are tagged <c>mesh</c>, or were seen to call a service of the mesh, do not:
/// otherwise the failure of one service would take down its callers, and then theirs.</remarks>
public sealed class EurekaHealthOptions
{
    /// <summary>Whether health checks change the registration at all.</summary>
    /// <value>Default true.</value>
    public bool? Enabled { get; set; }

    /// <summary>The time between two rounds of checks.</summary>
    /// <value>Default 10 s; 100 ms to 24 h.</value>
    public TimeSpan? Interval { get; set; }

    /// <summary>Maximum time of one check, also before the application is ready. A slower check is unhealthy.</summary>
    /// <value>Default 10 s; 1 ms to 24 h.</value>
    public TimeSpan? CheckTimeout { get; set; }

    /// <summary>Number of unhealthy rounds in a row after which the registration becomes <c>DOWN</c>.</summary>
    /// <value>Default 2; 1 or more.</value>
    public int? FailuresBeforeDown { get; set; }

    /// <summary>Number of healthy rounds in a row after which it becomes <c>UP</c> again.</summary>
    /// <value>Default 2; 1 or more.</value>
    public int? SuccessesBeforeUp { get; set; }
}
