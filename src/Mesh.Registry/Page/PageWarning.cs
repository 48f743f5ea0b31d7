namespace Mesh.Registry.Page;

/// <summary>A warning for people: the fact, its effect on callers, and what to do.</summary>
internal readonly record struct PageWarning(string Title, string Fact, string Effect, string Remedy);
