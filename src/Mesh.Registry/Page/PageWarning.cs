namespace Mesh.Registry.Page;

/// <summary>Something that a person should know: what is so, what it does to callers, and what to do.</summary>
internal readonly record struct PageWarning(string Title, string Fact, string Effect, string Remedy);
