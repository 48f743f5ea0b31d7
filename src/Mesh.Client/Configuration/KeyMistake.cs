namespace Mesh.Client.Configuration;

/// <summary>A mistake in the configuration.</summary>
/// <param name="Key">The full key.</param>
/// <param name="Text">What is wrong, with the key, and what to write instead.</param>
/// <param name="BreaksBinding">Whether the binder would stop at it or take it for something else.</param>
internal readonly record struct KeyMistake(string Key, string Text, bool BreaksBinding);
