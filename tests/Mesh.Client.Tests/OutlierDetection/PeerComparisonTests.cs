using Mesh.Client.OutlierDetection;

namespace Mesh.Client.Tests.OutlierDetection;

/// <summary>Whether an endpoint refuses more than its peers do, by what both have answered in the last seconds.</summary>
public sealed class PeerComparisonTests
{
    [Theory]
    // Too little of the others to compare with: three refusals are a reason for doubt.
    [InlineData(2, 2, 4, 0, PeerVerdict.Unknown)]
    [InlineData(3, 3, 4, 0, PeerVerdict.Doubtful)]
    [InlineData(3, 3, 5, 0, PeerVerdict.Far)]
    // Too few of its own: it is alike if most of what the others answer is a refusal.
    [InlineData(2, 2, 10, 5, PeerVerdict.Unknown)]
    [InlineData(2, 2, 10, 6, PeerVerdict.Alike)]
    // Twice the share of the others, but chance explains it.
    [InlineData(5, 3, 5, 1, PeerVerdict.Alike)]
    // All that it answers, and nearly all that they do.
    [InlineData(10, 10, 10, 9, PeerVerdict.Alike)]
    [InlineData(10, 10, 10, 2, PeerVerdict.Far)]
    // No chance, but too small a difference to matter.
    [InlineData(1000, 60, 2000, 0, PeerVerdict.Alike)]
    [InlineData(1000, 130, 2000, 0, PeerVerdict.Far)]
    // The better one of two that refuse.
    [InlineData(100, 20, 100, 90, PeerVerdict.Alike)]
    public void Of_difference_that_chance_does_not_explain_is_far(int all, int refused, int peersAll, int peersRefused, object verdict)
    {
        using var mesh = Fleet.Of(3);
        Answer(mesh, 1, all, refused);
        Answer(mesh, 2, peersAll / 2, peersRefused / 2);
        Answer(mesh, 3, peersAll - (peersAll / 2), peersRefused - (peersRefused / 2));

        Assert.Equal(verdict, Of(mesh, 1));
    }

    [Fact]
    public void Of_only_endpoint_has_nobody_to_be_compared_with()
    {
        using var mesh = Fleet.Of(1);
        Answer(mesh, 1, 10, 3);

        Assert.Equal(PeerVerdict.Alike, Of(mesh, 1));
    }

    [Fact]
    public void Of_peers_are_those_in_rotation()
    {
        using var mesh = Fleet.Of(3);
        Answer(mesh, 1, 3, 3);
        Answer(mesh, 3, 20, 0);
        Assert.Equal(PeerVerdict.Far, Of(mesh, 1));

        mesh.Eject(3);

        Assert.Equal(PeerVerdict.Doubtful, Of(mesh, 1));
    }

    private static PeerVerdict Of(MeshFixture mesh, int number) => PeerComparison.Of(mesh.Catalog(), mesh.Endpoint(number), mesh.Catalog().Clock.Now);

    private static void Answer(MeshFixture mesh, int number, int all, int refused)
    {
        var health = mesh.Endpoint(number).Health;
        var now = mesh.Catalog().Clock.Now;
        for (var i = 0; i < all; i++)
        {
            health.CountRecent(now, good: true);
        }

        for (var i = 0; i < refused; i++)
        {
            health.CountRefusal(now, shed: false);
        }
    }
}
