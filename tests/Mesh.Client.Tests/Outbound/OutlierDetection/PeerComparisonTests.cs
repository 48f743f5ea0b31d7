using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.OutlierDetection;

namespace Mesh.Client.Tests.Outbound.OutlierDetection;

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
    // The others have answered too little for that to be more than chance.
    [InlineData(20, 8, 10, 0, PeerVerdict.Alike)]
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

    [Theory]
    // A limiter on all: five in a row of one are chance.
    [InlineData(20, 7, 10, 3, 10, 3, true)]
    [InlineData(5, 5, 4, 4, 4, 4, true)]
    // Two failures of the others are too few to speak of all.
    [InlineData(5, 5, 1, 1, 1, 1, false)]
    [InlineData(5, 5, 2, 2, 1, 1, true)]
    // One that nothing is known of, and one that is well, could take over.
    [InlineData(20, 7, 20, 6, 0, 0, false)]
    [InlineData(20, 20, 20, 20, 20, 1, false)]
    [InlineData(20, 20, 20, 20, 20, 2, false)]
    [InlineData(20, 7, 20, 6, 20, 2, true)]
    // All have some failures, but this one fails.
    [InlineData(40, 20, 50, 6, 50, 6, false)]
    public void AllFailAlike_where_none_of_the_others_is_better(
        int all, int failed, int secondAll, int secondFailed, int thirdAll, int thirdFailed, bool alike)
    {
        using var mesh = Fleet.Of(3);
        Fail(mesh, 1, all, failed);
        Fail(mesh, 2, secondAll, secondFailed);
        Fail(mesh, 3, thirdAll, thirdFailed);

        Assert.Equal(alike, PeerComparison.AllFailAlike(mesh.Catalog().Endpoints.Current, mesh.Endpoint(1), mesh.Catalog().Clock.Now));
    }

    [Fact]
    public void AllFailAlike_only_endpoint_has_no_peer()
    {
        using var mesh = Fleet.Of(1);
        Fail(mesh, 1, 10, 10);

        Assert.False(PeerComparison.AllFailAlike(mesh.Catalog().Endpoints.Current, mesh.Endpoint(1), mesh.Catalog().Clock.Now));
    }

    [Fact]
    public void AllFailAlike_those_of_a_subset_do_not_speak_for_the_others()
    {
        using var mesh = Fleet.Of(9, static service => service.LoadBalancing.SubsetSize = 2);
        foreach (var endpoint in mesh.Catalog().Endpoints.Current.Usable)
        {
            Fail(endpoint, mesh, 10, 10);
        }

        var set = mesh.Catalog().Endpoints.Current;
        Assert.False(PeerComparison.AllFailAlike(set, set.Usable[0], mesh.Catalog().Clock.Now));
    }

    /// <summary>The next level of priority has room for all, also where a part of the calls goes there already.</summary>
    [Theory]
    [InlineData(3, false)]
    [InlineData(4, true)]
    public void AllFailAlike_level_behind_takes_over(int number, bool alike)
    {
        using var mesh = Fleet.Of(5, static service =>
        {
            foreach (var (i, endpoint) in service.Endpoints.Index())
            {
                endpoint.Labels["priority"] = i < 3 ? "0" : "1";
            }
        });
        mesh.Eject(1);
        mesh.Eject(2);
        Assert.Equal(0, mesh.Catalog().Endpoints.Current.StandbyCount);
        Fail(mesh, 3, 10, 10);
        Fail(mesh, 4, 10, 10);
        Fail(mesh, 5, 10, 10);

        Assert.Equal(alike, PeerComparison.AllFailAlike(mesh.Catalog().Endpoints.Current, mesh.Endpoint(number), mesh.Catalog().Clock.Now));
    }

    private static void Fail(MeshFixture mesh, int number, int all, int failed) => Fail(mesh.Endpoint(number), mesh, all, failed);

    private static void Fail(Endpoint endpoint, MeshFixture mesh, int all, int failed)
    {
        for (var i = 0; i < all; i++)
        {
            endpoint.Health.CountRecent(mesh.Catalog().Clock.Now, good: i >= failed);
        }
    }

    private static PeerVerdict Of(MeshFixture mesh, int number) =>
        PeerComparison.Of(mesh.Catalog().Endpoints.Current, mesh.Endpoint(number), mesh.Catalog().Clock.Now);

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
