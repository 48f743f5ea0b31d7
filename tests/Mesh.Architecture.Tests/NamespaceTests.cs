using Mesh.Client.Tests.Docs;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Mesh.Architecture.Tests;

/// <summary>Internal namespaces follow folders; what users see stands in few.</summary>
public sealed class NamespaceTests
{
    /// <summary>Where users have these namespaces imported already.</summary>
    private static readonly string[] ForExtensions = ["Microsoft.Extensions.DependencyInjection", "Microsoft.AspNetCore.Builder"];

    [Fact]
    public void Type_is_in_the_namespace_of_its_folder_or_in_that_of_users() =>
        Rule.Forbids("a type in another namespace", Misplaced(Sources.Files, "Mesh.Client"));

    [Fact]
    public void Type_of_the_registry_is_in_the_namespace_of_its_folder_or_in_that_of_users() =>
        Rule.Forbids(
            "a type in another namespace",
            Misplaced(SourceFiles.Load(Path.Combine(Repository.Root, "src", "Mesh.Registry"), "Mesh.Registry"), "Mesh.Registry"));

    private static IEnumerable<string> Misplaced(SourceFiles sources, string root)
    {
        var types = TopLevelTypes(sources).ToList();

        Assert.Contains(types, static type => type.Symbol.DeclaredAccessibility == Accessibility.Public);
        return types
            .Where(type => !Wanted(root, type.Path, type.Symbol).Contains(type.Symbol.ContainingNamespace.ToDisplayString()))
            .Select(static type => $"{type.Path}: {type.Symbol.ContainingNamespace.ToDisplayString()}");
    }

    private static string[] Wanted(string root, string path, INamedTypeSymbol type) => type switch
    {
        { DeclaredAccessibility: not Accessibility.Public } => [$"{root}.{Floors.FolderOf(path).Replace('/', '.')}".TrimEnd('.')],
        { IsStatic: true } when type.GetMembers().OfType<IMethodSymbol>().Any(static method => method.IsExtensionMethod) => ForExtensions,
        _ when Floors.FolderOf(path) == "Options" => [$"{root}.Options"],
        _ => [root],
    };

    private static IEnumerable<(string Path, INamedTypeSymbol Symbol)> TopLevelTypes(SourceFiles sources) =>
        from tree in sources.Compilation.SyntaxTrees
        where sources.Paths.Contains(tree.FilePath)
        let model = sources.Compilation.GetSemanticModel(tree)
        from node in tree.GetRoot().DescendantNodes().OfType<MemberDeclarationSyntax>()
        let symbol = model.GetDeclaredSymbol(node) as INamedTypeSymbol
        where symbol is { ContainingType: null }
        select (tree.FilePath, symbol);
}
