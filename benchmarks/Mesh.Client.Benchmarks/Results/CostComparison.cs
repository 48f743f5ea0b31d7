using Mesh.Client.Benchmarks.Stacks;

namespace Mesh.Client.Benchmarks.Results;

/// <summary>The mesh beside the stock stack, for one transport and URI.</summary>
internal sealed record CostComparison(AddedCost Stock, AddedCost Mesh)
{
    public double BytesRatio => Mesh.Bytes / Stock.Bytes;

    public double CpuRatio => Mesh.CpuNs / Stock.CpuNs;

    public static IReadOnlyList<CostComparison> From(IReadOnlyList<AddedCost> costs) =>
    [
        .. from stock in costs
           where stock.Case.Stack == KnownStacks.Stock.Name
           join mesh in costs on stock.Case with { Stack = KnownStacks.Mesh.Name } equals mesh.Case
           select new CostComparison(stock, mesh),
    ];
}
