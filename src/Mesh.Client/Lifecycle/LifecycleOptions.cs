namespace Mesh.Client;

/// <summary>When this application appears in the registry, and how it leaves without a failed request.</summary>
public sealed class LifecycleOptions
{
    /// <summary>When the registration becomes <c>UP</c>.</summary>
    /// <value>Default <see cref="RegisterWhen.Ready"/>.</value>
    public RegisterWhen RegisterWhen { get; set; } = RegisterWhen.Ready;

    /// <summary>How long the application serves on after it has told the registry that it goes.</summary>
    /// <value>Default 5 s; 0 to 24 h. Callers that poll a registry need at least their fetch interval plus the registry's cache time.</value>
    public TimeSpan DrainDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long requests in flight may take to finish after the drain delay.</summary>
    /// <value>Default 30 s; 0 to 24 h.</value>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
