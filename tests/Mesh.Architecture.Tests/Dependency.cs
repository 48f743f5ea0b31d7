namespace Mesh.Architecture.Tests;

/// <summary>One file uses a symbol that another declares. Paths are relative to the source folder, with <c>/</c>.</summary>
/// <param name="From">The file that uses.</param>
/// <param name="To">The file that declares.</param>
/// <param name="Symbol">The type or member used.</param>
/// <param name="Line">Where it is first used, from one.</param>
/// <param name="IsPublic">Whether another assembly could use it.</param>
public sealed record Dependency(string From, string To, string Symbol, int Line, bool IsPublic);
