namespace Mesh.Client.Options;

/// <summary>When this application registers, and how it stops without failing requests.</summary>
public sealed class LifecycleOptions
{
    /// <summary>When the registration becomes <c>UP</c>.</summary>
    /// <value>Default <see cref="RegistrationTrigger.Ready"/>.</value>
    public RegistrationTrigger RegisterWhen { get; set; } = RegistrationTrigger.Ready;

    /// <summary>How long the application keeps serving after its registration became <c>DOWN</c>.</summary>
    /// <value>Default 5 s; 0 to 24 h. For callers without the mesh, set at least their fetch
    /// interval plus the registry's cache time.</value>
    public TimeSpan DrainDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long requests in flight may take after the drain delay.</summary>
    /// <value>Default 30 s; 0 to 24 h.</value>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
