using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Mesh.Architecture.Tests;

/// <summary>Finds what a file uses of other files: every type that is named, every member that is named or called.</summary>
/// <remarks>
/// By symbols and not by <c>using</c> lines: public types of all folders share one namespace. What the compiler calls without a name counts
/// too: a constructor after <c>new()</c>, an indexer, an operator or conversion, the methods behind <c>foreach</c>, <c>await</c>,
/// a deconstruction and a collection initializer. What only documentation names does not, nor a <c>var</c> of which nothing is called.
/// </remarks>
public sealed class DependencyWalker : CSharpSyntaxWalker
{
    private readonly SemanticModel _model;
    private readonly string _from;

    // Many sources define none, and each expression would be asked for one.
    private readonly bool _hasConversions;
    private readonly Dictionary<(string To, string Symbol), Dependency> _found = [];

    private DependencyWalker(SemanticModel model, string from, bool hasConversions)
    {
        _hasConversions = hasConversions;
        _model = model;
        _from = from;
    }

    /// <summary>What all files use of each other, each symbol once per file.</summary>
    public static IReadOnlyList<Dependency> Find(SourceFiles files)
    {
        ArgumentNullException.ThrowIfNull(files);
        var main = MainFiles(files);
        var hasConversions = files.Compilation.SyntaxTrees.Any(static tree =>
            tree.GetRoot().DescendantNodes().Any(static node => node is ConversionOperatorDeclarationSyntax));
        return
        [
            .. files.Compilation.SyntaxTrees
                .Where(tree => main.ContainsKey(tree.FilePath))
                .AsParallel()
                .AsOrdered()
                .SelectMany(tree =>
                {
                    var walker = new DependencyWalker(files.Compilation.GetSemanticModel(tree), main[tree.FilePath], hasConversions);
                    walker.Visit(tree.GetRoot());
                    return walker._found.Values;
                })
                .DistinctBy(static dependency => (dependency.From, dependency.To, dependency.Symbol)),
        ];
    }

    public override void Visit(SyntaxNode? node)
    {
        switch (node)
        {
            case SimpleNameSyntax { IsVar: true }:
                break;
            case SimpleNameSyntax or ConstructorInitializerSyntax or PrimaryConstructorBaseTypeSyntax or BaseObjectCreationExpressionSyntax
                or ElementAccessExpressionSyntax or ElementBindingExpressionSyntax or BinaryExpressionSyntax or PrefixUnaryExpressionSyntax
                or PostfixUnaryExpressionSyntax or CastExpressionSyntax or AttributeSyntax:
                Add(_model.GetSymbolInfo(node), node);
                break;
            case AssignmentExpressionSyntax assignment:
                Add(_model.GetSymbolInfo(node), node);
                Add(_model.GetDeconstructionInfo(assignment), node);
                break;
            case ForEachStatementSyntax each:
                var loop = _model.GetForEachStatementInfo(each);
                Add(loop.GetEnumeratorMethod, node);
                Add(loop.MoveNextMethod, node);
                Add(loop.CurrentProperty, node);
                Add(loop.DisposeMethod, node);
                break;
            case ForEachVariableStatementSyntax each:
                Add(_model.GetForEachStatementInfo(each).GetEnumeratorMethod, node);
                Add(_model.GetDeconstructionInfo(each), node);
                break;
            case AwaitExpressionSyntax wait:
                var awaiter = _model.GetAwaitExpressionInfo(wait);
                Add(awaiter.GetAwaiterMethod, node);
                Add(awaiter.GetResultMethod, node);
                break;
            case InitializerExpressionSyntax initializer when initializer.IsKind(SyntaxKind.CollectionInitializerExpression):
                foreach (var element in initializer.Expressions)
                {
                    Add(_model.GetCollectionInitializerSymbolInfo(element), node);
                }

                break;
            default:
                break;
        }

        if (_hasConversions
            && node is ExpressionSyntax expression
            && _model.GetConversion(expression) is { IsUserDefined: true } conversion)
        {
            Add(conversion.MethodSymbol, node);
        }

        base.Visit(node);
    }

    private static Dictionary<string, string> MainFiles(SourceFiles files)
    {
        var main = files.Paths.ToDictionary(static path => path, static path => path);
        foreach (var tree in files.Compilation.SyntaxTrees.Where(tree => main.ContainsKey(tree.FilePath)))
        {
            var type = tree.GetRoot().DescendantNodes().OfType<BaseTypeDeclarationSyntax>().FirstOrDefault();
            if (type is not null && SourceFiles.FileOf(files.Compilation.GetSemanticModel(tree).GetDeclaredSymbol(type)) is { } file)
            {
                main[tree.FilePath] = file;
            }
        }

        return main;
    }

    private void Add(DeconstructionInfo info, SyntaxNode node)
    {
        Add(info.Method, node);
        foreach (var nested in info.Nested)
        {
            Add(nested, node);
        }
    }

    private void Add(SymbolInfo info, SyntaxNode node)
    {
        Add(info.Symbol, node);
        foreach (var candidate in info.CandidateSymbols)
        {
            Add(candidate, node);
        }
    }

    private void Add(ISymbol? symbol, SyntaxNode node)
    {
        symbol = symbol switch
        {
            IAliasSymbol alias => alias.Target,
            IMethodSymbol { ReducedFrom: { } method } => method,
            _ => symbol,
        };
        if (SourceFiles.FileOf(symbol?.OriginalDefinition) is not { } to || to == _from)
        {
            return;
        }

        var name = symbol is INamedTypeSymbol type ? type.Name : $"{symbol!.ContainingType.Name}.{symbol.Name}";
        if (!_found.ContainsKey((to, name)))
        {
            var line = node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
            _found.Add((to, name), new Dependency(_from, to, name, line, IsPublic(symbol)));
        }
    }

    private static bool IsPublic(ISymbol symbol)
    {
        for (var outer = symbol; outer is not null and not INamespaceSymbol; outer = outer.ContainingSymbol)
        {
            if (outer.DeclaredAccessibility is not (Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal))
            {
                return false;
            }
        }

        return true;
    }
}
