using Mesh.Client.Discovery;
using Mesh.Client.Eureka;

namespace Mesh.Client.Tests.Eureka;

/// <summary>Which names of a registry are taken, and which make room for others.</summary>
public sealed class PublishedNamesTests
{
    private readonly RecordingSink _sink = new();
    private readonly PublishedNames _names;

    /// <summary>All places are taken by <c>s0</c>, <c>s1</c> and so on, each of which is listed.</summary>
    public PublishedNamesTests()
    {
        _names = Full(new PublishedNames(_sink));
        foreach (var service in _names.All)
        {
            ((IMeshSink)_sink).Publish(service.Name, []);
        }
    }

    [Fact]
    public void GetOrAdd_full_takes_the_place_of_the_name_that_left_first()
    {
        Leave("s2");
        Leave("s1");

        Assert.NotNull(_names.GetOrAdd("a"));
        Assert.Null(_names.Find("s2"));
        Assert.NotNull(_names.Find("s1"));
        Assert.NotNull(_names.GetOrAdd("b"));
        Assert.Null(_names.GetOrAdd("c"));
        Assert.DoesNotContain("s1", _sink.Services.Keys);
        Assert.Equal(RegistryLimits.Services, _names.All.Count());
    }

    [Fact]
    public void GetOrAdd_name_that_is_about_to_be_listed_again_keeps_its_place()
    {
        // An instance of it has come in this round, and is counted at the end of it.
        Leave("s1").IsTouched = true;

        Assert.Null(_names.GetOrAdd("a"));
        Assert.NotNull(_names.Find("s1"));
        Assert.Contains("s1", _sink.Services.Keys);
    }

    [Fact]
    public void GetOrAdd_name_that_is_listed_again_or_called_keeps_its_place()
    {
        Leave("s1").CountUnusable(1, "test");
        Leave("s2");
        _sink.Called.Add("s2");
        Assert.Null(_names.GetOrAdd("a"));

        // It has left once more.
        Leave("s1");
        Assert.NotNull(_names.GetOrAdd("a"));
        Assert.Null(_names.Find("s1"));
        Assert.NotNull(_names.Find("s2"));
    }

    [Fact]
    public void Settle_twice_gives_one_place()
    {
        IMeshSink sink = new RecordingSink();
        sink.Publish("s1", []);
        var names = Full(new PublishedNames(sink));
        names.Settle(Leave(names, "s1"));

        Assert.NotNull(names.GetOrAdd("a"));
        Assert.Null(names.GetOrAdd("b"));
        Assert.Equal(RegistryLimits.Services, names.All.Count());
    }

    [Fact]
    public void TakeRefused_says_all_of_them_when_they_have_changed()
    {
        _names.GetOrAdd("a");
        _names.GetOrAdd("b");
        _names.GetOrAdd("A");
        Assert.Equal(["a", "b"], _names.TakeRefused()!.Order(StringComparer.Ordinal));
        _names.GetOrAdd("b");
        Assert.Null(_names.TakeRefused());

        _names.ForgetRefused();

        Assert.Empty(_names.TakeRefused()!);
        Assert.Null(_names.TakeRefused());
    }

    [Theory]
    [InlineData(0, 2, false, 0)]
    [InlineData(2, 0, false, 0)]
    [InlineData(2, 1, true, 1)]
    [InlineData(2, 2, true, 2)]
    [InlineData(2, 3, true, 2)]
    public void MakeRoomForRefused_as_much_as_is_needed_and_can_be_had(int refused, int left, bool made, int room)
    {
        for (var i = 0; i < refused; i++)
        {
            _names.GetOrAdd($"a{i}");
        }

        for (var i = 0; i < left; i++)
        {
            Leave($"s{i}");
        }

        Assert.Equal(made, _names.MakeRoomForRefused());
        Assert.Equal(RegistryLimits.Services - room, _names.All.Count());
    }

    private static PublishedNames Full(PublishedNames names)
    {
        for (var i = 0; i < RegistryLimits.Services; i++)
        {
            names.GetOrAdd($"s{i}")!.CountUnusable(1, "test");
        }

        return names;
    }

    private PublishedService Leave(string name) => Leave(_names, name);

    /// <summary>The registry lists it no longer.</summary>
    private static PublishedService Leave(PublishedNames names, string name)
    {
        var service = names.Find(name)!;
        service.CountUnusable(-1, null);
        names.Settle(service);
        return service;
    }
}
