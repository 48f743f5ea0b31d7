namespace Mesh.Mutation;

/// <summary>One small change of a source file, which the mutated assembly has inside and takes up when asked to.</summary>
/// <param name="Id">Its number.</param>
/// <param name="File">The file, below the folder of the package.</param>
/// <param name="Line">The first line where its text stands; 0 if that was not found.</param>
/// <param name="Mutator">The kind of change.</param>
/// <param name="Change">The text before and after.</param>
internal sealed record Mutant(int Id, string File, int Line, string Mutator, string Change);
