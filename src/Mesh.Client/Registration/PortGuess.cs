namespace Mesh.Client.Registration;

/// <summary>A port that is registered although the server listens on several of its kind and no setting names one.</summary>
/// <param name="Setting">The setting that would name it.</param>
/// <param name="Registered">The registered port.</param>
/// <param name="Listening">All ports of the kind, for messages.</param>
internal sealed record PortGuess(string Setting, int Registered, string Listening);
