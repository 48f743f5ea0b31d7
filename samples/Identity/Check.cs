namespace Identity;

/// <summary>Something that must hold.</summary>
internal sealed record Check(string Text, bool Holds);
