namespace Mesh.Client.Simulation.Scenarios;

/// <summary>What a server that answers quickly and wrongly answers.</summary>
internal enum WrongAnswer
{
    /// <summary>500.</summary>
    Error,

    /// <summary>429.</summary>
    TooMany,

    /// <summary>503, and says that it is overloaded.</summary>
    Shed,

    /// <summary>404.</summary>
    NotFound,

    /// <summary>501.</summary>
    NotImplemented,

    /// <summary>The connection breaks.</summary>
    Reset,
}
