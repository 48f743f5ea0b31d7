namespace Mesh.Client.Eureka;

/// <summary>The result of one turn of the loop.</summary>
internal enum RegistrationStep
{
    /// <summary>The registry has taken a registration, or a change of it.</summary>
    Registered,

    /// <summary>The registry has accepted a change of metadata or status apart from the registration.</summary>
    Changed,

    /// <summary>The registration was renewed.</summary>
    Renewed,

    /// <summary>The registry does not know the registration.</summary>
    Forgotten,
}
