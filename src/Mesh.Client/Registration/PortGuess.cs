namespace Mesh.Client.Registration;

/// <summary>A port that is registered although others of its kind are listened on and no setting says which is meant.</summary>
/// <param name="Setting">The setting that says it.</param>
/// <param name="Registered">The one that is registered.</param>
/// <param name="Listening">All of them, as messages name them.</param>
internal sealed record PortGuess(string Setting, int Registered, string Listening);
