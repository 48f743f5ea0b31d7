using Mesh.Client.Eureka;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Registration;
using static Mesh.Client.Tests.Eureka.TestInstance;

namespace Mesh.Client.Tests.Eureka;

/// <summary>An operator takes one side of a service out and brings the other in. That looks like a mass deletion, and is none.</summary>
public sealed class BlueGreenTests
{
    private const RegistrationStatus Out = RegistrationStatus.OutOfService;
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Flip = TimeSpan.FromSeconds(30);
    private readonly EurekaRegistry _registry = new();

    [Theory]
    [InlineData(false, 1, false)]
    [InlineData(true, 1, false)]
    [InlineData(true, 1, true)]
    [InlineData(false, 12, false)]
    [InlineData(true, 12, false)]
    [InlineData(true, 12, true)]
    public void Flip_is_believed_at_once(bool delta, int services, bool goneFirst)
    {
        var (blue, green) = Sides(services, RegistrationStatus.Up, Out);
        _registry.Replace(Full([.. blue, .. green]), TimeSpan.Zero, Grace);

        var (blueAfter, greenAfter) = Sides(services, Out, RegistrationStatus.Up);
        Say(delta, goneFirst ? [.. blueAfter, .. greenAfter] : [.. greenAfter, .. blueAfter]);

        Assert.Equal(Ids(greenAfter), Believed());
        Assert.Equal(0, _registry.DoubtedCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Flip_by_deletion_is_believed_at_once(bool goneFirst)
    {
        var blue = Side("blue", "svc0", RegistrationStatus.Up);
        _registry.Replace(Full(blue), TimeSpan.Zero, Grace);

        var green = Side("green", "svc0", RegistrationStatus.Up);
        var gone = Side("blue", "svc0", RegistrationStatus.Up, deleted: true);
        var changes = goneFirst ? gone.Concat(green) : green.Concat(gone);
        Assert.True(_registry.Apply(new EurekaApplications(EurekaHash.Of(green), [.. changes]), Flip, Grace));

        Assert.Equal(Ids(green), Believed());
        Assert.Equal(0, _registry.DoubtedCount);
    }

    /// <summary>The sides are often two applications, which callers know by their VIP address.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Flip_between_two_applications_with_one_vip_is_believed_at_once(bool delta)
    {
        _registry.Replace(
            Full([.. Side("blue", "orders-blue", RegistrationStatus.Up, "orders"), .. Side("green", "orders-green", Out, "orders")]),
            TimeSpan.Zero,
            Grace);

        var green = Side("green", "orders-green", RegistrationStatus.Up, "orders");
        Say(delta, [.. Side("blue", "orders-blue", Out, "orders"), .. green]);

        Assert.Equal(Ids(green), Believed());
    }

    /// <summary>A side of half the size and more is no mass deletion, as such a loss would be none.</summary>
    [Theory]
    [InlineData(false, 1, 5, false)]
    [InlineData(true, 1, 5, false)]
    [InlineData(false, 12, 5, false)]
    [InlineData(true, 12, 5, false)]
    [InlineData(false, 1, 4, true)]
    [InlineData(true, 1, 4, true)]
    [InlineData(false, 12, 4, true)]
    [InlineData(true, 12, 4, true)]
    public void Flip_to_fewer_than_half_is_doubted(bool delta, int services, int come, bool doubted)
    {
        var (blue, green) = Sides(services, RegistrationStatus.Up, Out);
        _registry.Replace(Full([.. blue, .. green]), TimeSpan.Zero, Grace);

        var (blueAfter, greenUp) = Sides(services, Out, RegistrationStatus.Up);
        var (_, greenOut) = Sides(services, Out, Out);
        Say(delta, [.. blueAfter, .. greenUp.Select((instance, i) => i % 10 < come ? instance : greenOut[i])]);

        Assert.Equal(doubted ? 10 * services : 0, _registry.DoubtedCount);
        Assert.Equal(((doubted ? 10 : 0) + come) * services, Believed().Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Flip_of_some_services_does_not_hide_that_the_others_lose_everything(bool delta)
    {
        var (blue, green) = Sides(12, RegistrationStatus.Up, Out);
        _registry.Replace(Full([.. blue, .. green]), TimeSpan.Zero, Grace);

        // The first four are flipped, the other eight are gone.
        var (blueAfter, greenUp) = Sides(12, Out, RegistrationStatus.Up);
        Say(delta, [.. blueAfter, .. greenUp[..40], .. green[40..]]);

        Assert.Equal(Ids([.. blue[40..], .. greenUp[..40]]), Believed());
        Assert.Equal(80, _registry.DoubtedCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void New_instances_of_another_service_replace_nothing(bool delta)
    {
        var (blue, _) = Sides(1, RegistrationStatus.Up, Out);
        _registry.Replace(Full(blue), TimeSpan.Zero, Grace);

        var others = Enumerable.Range(1, 3).SelectMany(i => Side("new", $"other{i}", RegistrationStatus.Up)).ToArray();
        Say(delta, [.. Side("blue", "svc0", Out), .. others]);

        Assert.Equal(Ids([.. blue, .. others]), Believed());
        Assert.Equal(10, _registry.DoubtedCount);
    }

    /// <summary>A restart under another id replaces the instance that it was, which is missing, and no other.</summary>
    [Fact]
    public void New_instance_in_place_of_a_missing_one_replaces_none_that_leaves()
    {
        _registry.Replace(Full(Side("blue", "svc0", RegistrationStatus.Up)), TimeSpan.Zero, Grace);

        var restarted = Side("restarted", "svc0", RegistrationStatus.Up)[..4];
        _registry.Replace(Full([.. restarted, .. Side("blue", "svc0", Out)[4..]]), Flip, Grace);

        Assert.Equal(6, _registry.DoubtedCount);
    }

    /// <summary>A fetch between the two halves of a flip sees one side gone and the other not yet there.</summary>
    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 1)]
    [InlineData(false, 12)]
    [InlineData(true, 12)]
    public void Flip_that_a_fetch_cuts_in_two_is_doubted_until_the_other_side_is_there(bool delta, int services)
    {
        var (blue, green) = Sides(services, RegistrationStatus.Up, Out);
        _registry.Replace(Full([.. blue, .. green]), TimeSpan.Zero, Grace);
        var (blueAfter, greenAfter) = Sides(services, Out, RegistrationStatus.Up);
        Say(delta, [.. blueAfter, .. green]);
        Assert.Equal(Ids(blue), Believed());

        Say(delta, [.. blueAfter, .. greenAfter[..^1], green[^1]]);
        Assert.Equal(Ids([.. blue[^10..], .. greenAfter[..^1]]), Believed());

        Say(delta, [.. blueAfter, .. greenAfter]);
        Assert.Equal(Ids(greenAfter), Believed());
        Assert.Equal(0, _registry.DoubtedCount);
    }

    [Fact]
    public void Doubts_that_are_over_set_no_number_for_later_ones()
    {
        var (blue, _) = Sides(2, RegistrationStatus.Up, Out);
        var (blueAfter, greenAfter) = Sides(2, Out, RegistrationStatus.Up);
        Say(false, blue);
        Say(false, blueAfter);
        Assert.Equal(20, _registry.DoubtedCount);

        // Taken back, and then each service shrinks to six.
        Say(false, blue);
        EurekaInstance[] few = [.. blue[..6], .. blue[10..16]];
        Say(false, [.. few, .. blueAfter[6..10], .. blueAfter[16..]]);
        Assert.Equal(0, _registry.DoubtedCount);
        Say(false, blueAfter);
        Assert.Equal(12, _registry.DoubtedCount);

        Say(false, [.. blueAfter, .. greenAfter[..6], .. greenAfter[10..16]]);
        Assert.Equal(Ids([.. greenAfter[..6], .. greenAfter[10..16]]), Believed());
    }

    /// <summary>The second doubt starts from what was left by the first.</summary>
    [Fact]
    public void Doubts_on_doubts_keep_the_larger_number()
    {
        var blue = Side("blue", "svc0", RegistrationStatus.Up).Concat(Side("more", "svc0", RegistrationStatus.Up)).ToArray();
        var after = Side("blue", "svc0", Out).Concat(Side("more", "svc0", Out)).ToArray();
        var green = Side("green", "svc0", RegistrationStatus.Up);
        Say(false, blue);
        Say(false, [.. after[..11], .. blue[11..]]);
        Assert.Equal(11, _registry.DoubtedCount);
        Say(false, [.. after[..11], .. blue[11..], .. green[..1]]);
        Say(false, [.. after, .. green[..1]]);
        Assert.Equal(20, _registry.DoubtedCount);

        Say(false, [.. after, .. green]);
        Assert.Equal(20, _registry.DoubtedCount);
    }

    /// <summary>In one delta the last word on an instance counts.</summary>
    [Fact]
    public void Deleted_and_listed_again_in_one_delta_has_not_left()
    {
        var (blue, _) = Sides(1, RegistrationStatus.Up, Out);
        _registry.Replace(Full(blue), TimeSpan.Zero, Grace);

        var gone = Side("blue", "svc0", RegistrationStatus.Up, deleted: true);
        Assert.True(_registry.Apply(
            new EurekaApplications("UP_9_", [.. gone, .. Side("blue", "svc0", RegistrationStatus.Up)[..9]]), Flip, Grace));

        Assert.Equal(Ids(blue[..9]), Believed());
    }

    private static (EurekaInstance[] Blue, EurekaInstance[] Green) Sides(int services, RegistrationStatus blue, RegistrationStatus green) =>
        ([.. Enumerable.Range(0, services).SelectMany(i => Side("blue", $"svc{i}", blue))],
         [.. Enumerable.Range(0, services).SelectMany(i => Side("green", $"svc{i}", green))]);

    /// <summary>Ten instances at addresses of their own.</summary>
    private static EurekaInstance[] Side(string side, string app, RegistrationStatus status, string? vip = null, bool deleted = false) =>
    [
        .. Enumerable.Range(0, 10).Select(i => Of(
            $"{side}-{i}",
            status,
            app: app.ToUpperInvariant(),
            host: $"{app}-{side}-{i}.example.com",
            port: 8080,
            deleted: deleted,
            vip: vip ?? app)),
    ];

    private static string[] Ids(EurekaInstance[] instances) =>
        [.. instances.Select(instance => instance.Key.ToString()).Order(StringComparer.Ordinal)];

    private void Say(bool delta, EurekaInstance[] all)
    {
        if (delta)
        {
            Assert.True(_registry.Apply(new EurekaApplications(EurekaHash.Of(all), all), Flip, Grace));
        }
        else
        {
            _registry.Replace(Full(all), Flip, Grace);
        }
    }

    private string[] Believed() => Ids([.. _registry.Accepted()]);
}
