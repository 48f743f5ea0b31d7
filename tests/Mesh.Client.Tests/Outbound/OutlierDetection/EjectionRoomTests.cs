using System.Globalization;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.OutlierDetection;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Primitives;

namespace Mesh.Client.Tests.Outbound.OutlierDetection;

/// <summary>Whether one more endpoint may be left out.</summary>
public sealed class EjectionRoomTests
{
    [Theory]
    [InlineData(0.5, 1, 0, false)]
    [InlineData(0.5, 2, 0, true)]
    [InlineData(0.5, 2, 1, false)]
    [InlineData(0.5, 4, 1, true)]
    [InlineData(0.5, 4, 2, false)]
    // One at least, but for a ratio of 0.
    [InlineData(0.1, 3, 0, true)]
    [InlineData(0.1, 3, 1, false)]
    [InlineData(0, 3, 0, false)]
    public void IsLeft_up_to_the_share_of_the_endpoints(double ratio, int count, int ejected, bool left)
    {
        var all = Level(0, count);

        Assert.Equal(left, EjectionRoom.IsLeft(Set(all, ejected: all[..ejected]), all[^1], Policy(ratio)));
    }

    [Fact]
    public void IsLeft_share_is_of_those_that_are_not_draining()
    {
        var all = Level(0, 5);

        Assert.True(EjectionRoom.IsLeft(Set(all, ejected: all[..1]), all[1], Policy(0.5)));
        Assert.False(EjectionRoom.IsLeft(Set(all, ejected: all[..1], draining: all[3..]), all[1], Policy(0.5)));
    }

    [Theory]
    [InlineData(0.5, 1, 0, true)]
    [InlineData(0.5, 2, 1, true)]
    [InlineData(0.5, 3, 2, true)]
    // Another healthy one takes over itself.
    [InlineData(0.5, 3, 1, false)]
    [InlineData(0, 1, 0, false)]
    public void IsLeft_last_one_beside_those_that_leave(double ratio, int count, int ejected, bool left)
    {
        var all = Level(0, count + 1);

        Assert.Equal(left, EjectionRoom.IsLeft(Set(all, ejected: all[..ejected], draining: all[count..]), all[count - 1], Policy(ratio)));
    }

    [Fact]
    public void IsLeft_those_that_leave_may_not_all_be_left_out()
    {
        var all = Level(0, 2);

        Assert.True(EjectionRoom.IsLeft(Set(all, draining: all), all[0], Policy(0.5)));
        Assert.False(EjectionRoom.IsLeft(Set(all, draining: all, leaving: all[..1]), all[0], Policy(0.5)));
    }

    [Fact]
    public void IsLeft_level_with_a_healthy_one_behind_it_may_be_left_out_as_a_whole()
    {
        var first = Level(0, 3);
        var second = Level(1, 1);

        Assert.True(EjectionRoom.IsLeft(Set([.. first, .. second], ejected: first[..2]), first[2], Policy(0.5)));
        Assert.False(EjectionRoom.IsLeft(Set([.. first, .. second], ejected: [.. first[..2], .. second]), first[2], Policy(0.5)));
    }

    [Fact]
    public void IsLeft_last_level_keeps_its_share_whatever_is_left_out_before_it()
    {
        var first = Level(0, 3);
        var second = Level(1, 4);
        Endpoint[] all = [.. first, .. second];

        Assert.True(EjectionRoom.IsLeft(Set(all, ejected: [.. first, .. second[..1]]), second[3], Policy(0.5)));
        Assert.False(EjectionRoom.IsLeft(Set(all, ejected: second[..2]), second[3], Policy(0.5)));
    }

    [Fact]
    public void IsLeft_last_level_counts_neither_those_that_leave_nor_more_than_are_used()
    {
        var first = Level(0, 4);
        var second = Level(1, 4);
        Endpoint[] all = [.. first, .. second];
        Assert.True(EjectionRoom.IsLeft(Set(all, ejected: second[..1]), second[1], Policy(0.5)));

        // Of four this process comes to use two.
        Assert.False(EjectionRoom.IsLeft(Set(all, ejected: second[..1], judged: 2), second[1], Policy(0.5)));

        second[2].BeginDraining(TestTime.At(0), TestTime.Second);
        second[3].BeginDraining(TestTime.At(0), TestTime.Second);
        Assert.False(EjectionRoom.IsLeft(Set(all, ejected: second[..1], draining: second[2..]), second[1], Policy(0.5)));
    }

    [Fact]
    public void HasReserve_a_healthy_endpoint_of_a_later_level()
    {
        var first = Level(0, 2);
        var second = Level(1, 2);
        Endpoint[] all = [.. first, .. second];

        Assert.True(EjectionRoom.HasReserve(Set(all), first[0]));
        Assert.False(EjectionRoom.HasReserve(Set(all), second[0]));
        Assert.False(EjectionRoom.HasReserve(Set(all, ejected: second), first[0]));
        Assert.False(EjectionRoom.HasReserve(Set(first), first[0]));
    }

    private static EndpointSet Set(
        Endpoint[] all, Endpoint[]? ejected = null, Endpoint[]? draining = null, int? judged = null, Endpoint[]? leaving = null)
    {
        Endpoint[] healthy = [.. all.Except([.. ejected ?? [], .. draining ?? []])];
        return new EndpointSet(all, healthy, ejected ?? [], draining ?? [], panic: false, nextTrial: MeshTime.Never)
        {
            Leaving = leaving ?? draining ?? [],
            HasLevels = all.DistinctBy(endpoint => endpoint.Place.Priority).Count() > 1,
            Judged = judged ?? (all.Length - (draining?.Length ?? 0)),
        };
    }

    private static Endpoint[] Level(int priority, int count) => [.. Enumerable.Range(1, count).Select(i =>
    {
        var description = TestSource.Endpoint($"http://10.0.{priority}.{i}") with
        {
            Labels = new Dictionary<string, string> { ["priority"] = priority.ToString(CultureInfo.InvariantCulture) },
        };
        return new Endpoint(
            description,
            new EndpointTransport(
                description,
                new TransportSettings(
                    HostHeader.Auto, TlsName: null, _ => throw new InvalidOperationException("No network here."))), now: default);
    })];

    private static OutlierDetectionPolicy Policy(double ratio)
    {
        var options = new ServiceOptions();
        options.OutlierDetection.MaxEjectedRatio = ratio;
        return OutlierDetectionPolicy.Create(options.OutlierDetection, new OutlierDetectionOptions());
    }
}
