using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Mesh.Architecture.Tests;

/// <summary>Internal namespaces follow folders; what users see stands in few.</summary>
public sealed class NamespaceTests
{
    private const string Root = "Mesh.Client";

    /// <summary>Where users have these namespaces imported already.</summary>
    private static readonly string[] ForExtensions = ["Microsoft.Extensions.DependencyInjection", "Microsoft.AspNetCore.Builder"];

    [Fact]
    public void Type_is_in_the_namespace_of_its_folder_or_in_that_of_users()
    {
        var types = TopLevelTypes().ToList();

        Assert.Contains(types, static type => type.Symbol.DeclaredAccessibility == Accessibility.Public);
        ExceptionList.Check(
            "a type in another namespace",
            types
                .Where(static type => !Wanted(type.Path, type.Symbol).Contains(type.Symbol.ContainingNamespace.ToDisplayString()))
                .Select(static type => $"{type.Path}: {type.Symbol.ContainingNamespace.ToDisplayString()}"));
    }

    private static string[] Wanted(string path, INamedTypeSymbol type) => type switch
    {
        { DeclaredAccessibility: not Accessibility.Public } => [$"{Root}.{Floors.FolderOf(path).Replace('/', '.')}"],
        { IsStatic: true } when type.GetMembers().OfType<IMethodSymbol>().Any(static method => method.IsExtensionMethod) => ForExtensions,
        _ when Floors.FolderOf(path) == "Options" => [$"{Root}.Options"],
        _ => [Root],
    };

    private static IEnumerable<(string Path, INamedTypeSymbol Symbol)> TopLevelTypes() =>
        from tree in Sources.Files.Compilation.SyntaxTrees
        where Sources.Files.Paths.Contains(tree.FilePath)
        let model = Sources.Files.Compilation.GetSemanticModel(tree)
        from node in tree.GetRoot().DescendantNodes().OfType<MemberDeclarationSyntax>()
        let symbol = model.GetDeclaredSymbol(node) as INamedTypeSymbol
        where symbol is { ContainingType: null }
        select (tree.FilePath, symbol);
}
