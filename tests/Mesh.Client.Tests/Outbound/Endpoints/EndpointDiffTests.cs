using CsCheck;
using Mesh.Client.Outbound.Endpoints;

namespace Mesh.Client.Tests.Outbound.Endpoints;

public sealed class EndpointDiffTests
{
    /// <summary>However the list is changed and put in another order: each object that was there is kept or, at worst, taken for changed;
    /// nothing is lost, nothing is there twice.</summary>
    [Fact]
    public void Between_any_lists_accounts_for_every_endpoint_once() =>
        Gen.Select(Gen.Int[0, 150], Gen.Select(Gen.Int[0, 2], Gen.Int[0, 1000], Gen.Int[1, 90]).Array[0, 6]).Check(
            static (count, edits) =>
            {
                var endpoints = TestEndpoint.Many(count);
                var wanted = endpoints.Select(endpoint => endpoint.Description).ToList();
                var next = 0;
                foreach (var (kind, place, size) in edits)
                {
                    var at = wanted.Count == 0 ? 0 : place % wanted.Count;
                    switch (kind)
                    {
                        case 0:
                            wanted.RemoveRange(at, Math.Min(size, wanted.Count - at));
                            break;
                        case 1:
                            wanted.InsertRange(
                                at, Enumerable.Range(0, size).Select(_ => TestSource.Endpoint($"http://10.9.{next / 250}.{next++ % 250}")));
                            break;
                        default:
                            wanted.Reverse(at, Math.Min(size, wanted.Count - at));
                            break;
                    }
                }

                var diff = EndpointDiff.Between(endpoints, [.. wanted]);

                for (var i = 0; i < wanted.Count; i++)
                {
                    Assert.True(diff.Kept[i] is { } kept ? ReferenceEquals(kept.Description, wanted[i]) : diff.Fresh.Contains(i));
                }

                Assert.Equal(wanted.Count, diff.Fresh.Count + diff.Kept.OfType<Endpoint>().Count());
                Assert.Equal(endpoints.ToHashSet(), [.. diff.Leaving, .. diff.Kept.OfType<Endpoint>()]);
                Assert.Equal(count, diff.Leaving.Count + diff.Kept.OfType<Endpoint>().Count());
            },
            count: 2000);

    /// <summary>However many come or go at one place: what it costs does not grow with what stays.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(60)]
    [InlineData(500)]
    public void Between_lists_with_some_more_or_less_at_one_place_finds_no_others(int count)
    {
        var endpoints = TestEndpoint.Many(2_000);
        EndpointDescription[] less = [.. endpoints.Take(700).Concat(endpoints.Skip(700 + count)).Select(endpoint => endpoint.Description)];
        EndpointDescription[] more =
        [
            .. endpoints.Take(700).Select(endpoint => endpoint.Description),
            .. Enumerable.Range(0, count).Select(i => TestSource.Endpoint($"http://10.9.{i / 250}.{i % 250}")),
            .. endpoints.Skip(700).Select(endpoint => endpoint.Description),
        ];

        var gone = EndpointDiff.Between(endpoints, less);
        var come = EndpointDiff.Between(endpoints, more);

        Assert.Empty(gone.Fresh);
        Assert.Equal(endpoints.Skip(700).Take(count).ToHashSet(), [.. gone.Leaving]);
        Assert.Equal(Enumerable.Range(700, count), come.Fresh);
        Assert.Empty(come.Leaving);
    }

    [Fact]
    public void Between_lists_in_another_order_finds_nothing_new()
    {
        var endpoints = TestEndpoint.Many(1_000);
        EndpointDescription[] turned = [.. endpoints.Reverse().Select(endpoint => endpoint.Description)];

        var diff = EndpointDiff.Between(endpoints, turned);

        Assert.Empty(diff.Fresh);
        Assert.Empty(diff.Leaving);
        Assert.False(diff.IsEmpty);
        Assert.Equal(endpoints.Reverse(), diff.Kept);
        Assert.True(EndpointDiff.Between(endpoints, [.. endpoints.Select(endpoint => endpoint.Description)]).IsEmpty);
    }
}
