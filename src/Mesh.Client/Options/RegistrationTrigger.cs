namespace Mesh.Client.Options;

/// <summary>When the registration becomes <c>UP</c>.</summary>
public enum RegistrationTrigger
{
    /// <summary>When the application listens and its readiness checks (health checks tagged <c>ready</c>) pass.</summary>
    Ready,

    /// <summary>As soon as the application listens.</summary>
    Listening,

    /// <summary>Never: this application only calls others.</summary>
    Never,
}
