namespace Mesh.Architecture.Tests;

public sealed class GraphTests
{
    [Fact]
    public void Cycles_are_the_biggest_sets_that_reach_each_other()
    {
        var graph = new Graph(Edges("ab bc ca cd de ed ef gg"));

        Assert.Equal(["a b c", "d e"], graph.Cycles().Select(static cycle => string.Join(' ', cycle)));
    }

    [Fact]
    public void Cycles_of_a_graph_without_any_are_none() => Assert.Empty(new Graph(Edges("ab ac bd cd")).Cycles());

    [Fact]
    public void MutualPairs_use_each_other_directly()
    {
        var graph = new Graph(Edges("ab bc ca cd dc"));

        Assert.Equal([("c", "d")], graph.MutualPairs());
    }

    private static IEnumerable<(string From, string To)> Edges(string edges) =>
        edges.Split(' ').Select(static edge => (edge[..1], edge[1..]));
}
