using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Mesh.Architecture.Tests;

/// <summary>All source files of a project as one compilation, without its generators: who names whom does not depend on them.</summary>
public sealed class SourceFiles
{
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly Lazy<PortableExecutableReference[]> Assemblies = new(static () =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Select(static path => MetadataReference.CreateFromFile(path)),
    ]);

    private SourceFiles(string root, CSharpCompilation compilation, IReadOnlyList<string> paths)
    {
        Root = root;
        Compilation = compilation;
        Paths = paths;
    }

    public string Root { get; }

    public CSharpCompilation Compilation { get; }

    /// <value>Relative to <see cref="Root"/>, sorted.</value>
    public IReadOnlyList<string> Paths { get; }

    /// <param name="root">The folder of the project.</param>
    /// <param name="assembly">The name of its assembly, which is not referenced.</param>
    public static SourceFiles Load(string root, string assembly) => Load(root, assembly, Platform(assembly));

    public static SourceFiles Load(string root, string assembly, IEnumerable<MetadataReference> references) => Of(
        root,
        assembly,
        Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(path => (Path: Path.GetRelativePath(root, path).Replace('\\', '/'), Full: path))
            .Where(static file => file.Path.Split('/')[0] is not ("obj" or "bin"))
            .Select(static file => (file.Path, File.ReadAllText(file.Full))),
        references);

    /// <summary>Sources that are no files, for tests.</summary>
    public static SourceFiles Of(IEnumerable<(string Path, string Text)> files) => Of(string.Empty, "Sources", files, Platform("Sources"));

    private static SourceFiles Of(
        string root, string assembly, IEnumerable<(string Path, string Text)> files, IEnumerable<MetadataReference> references)
    {
        var options = new CSharpParseOptions(LanguageVersion.Latest, DocumentationMode.None);
        var sorted = files.OrderBy(static file => file.Path, StringComparer.Ordinal).ToArray();
        var trees = sorted
            .Select(file => CSharpSyntaxTree.ParseText(file.Text, options, file.Path))
            .Append(CSharpSyntaxTree.ParseText(ImplicitUsings, options, "ImplicitUsings"));
        return new SourceFiles(
            root,
            CSharpCompilation.Create(
                assembly,
                trees,
                references,
                new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable)),
            [.. sorted.Select(static file => file.Path)]);
    }

    /// <summary>What this program runs on: its own references are those of the project, which it references too.</summary>
    private static IEnumerable<MetadataReference> Platform(string except) =>
        Assemblies.Value.Where(reference => Path.GetFileNameWithoutExtension(reference.FilePath) != except);

    /// <summary>The file that stands for a symbol: where it, or the type that it belongs to, is declared.</summary>
    /// <remarks>A type in several files (<c>X.cs</c>, <c>X.Log.cs</c>) is the one with the shortest name.</remarks>
    public static string? FileOf(ISymbol? symbol)
    {
        for (; symbol is not (null or INamespaceSymbol); symbol = symbol.ContainingType)
        {
            if (symbol is INamedTypeSymbol { ContainingType: null } type)
            {
                return type.DeclaringSyntaxReferences
                    .Select(static reference => reference.SyntaxTree.FilePath)
                    .OrderBy(static path => path.Length)
                    .ThenBy(static path => path, StringComparer.Ordinal)
                    .FirstOrDefault();
            }
        }

        return null;
    }
}
