using Mesh.Client.Discovery;
using Mesh.Client.Options;
using Mesh.Client.Primitives;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Discovery;

/// <summary>Changes at run time: for a time, with a reason, and no looser than the operator allows.</summary>
public sealed class RunTimeOverridesTests
{
    [Fact]
    public void Change_is_in_force_until_its_time_and_both_are_logged()
    {
        using var mesh = Fleet.Of(1, static service => service.Timeout = TimeSpan.FromSeconds(5));
        var overrides = Of(mesh);

        Assert.True(overrides.Apply(Change(mesh, "Catalog", static s => s.Timeout = TimeSpan.FromSeconds(1))).IsAccepted);
        Assert.Equal(TimeSpan.FromSeconds(1), Timeout(mesh));
        Assert.Equal("Catalog", Assert.Single(overrides.Current).Service);
        var warning = Assert.Single(mesh.Logs.GetSnapshot(), static record => record.Id.Id == 130);
        Assert.Equal(LogLevel.Warning, warning.Level);
        Assert.StartsWith("Changed at run time until ", warning.Message, StringComparison.Ordinal);
        Assert.EndsWith(": Timeout of service 'Catalog'. Reason: incident 7", warning.Message, StringComparison.Ordinal);

        mesh.Time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(TimeSpan.FromSeconds(1), Timeout(mesh));
        mesh.Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(TimeSpan.FromSeconds(5), Timeout(mesh));
        Assert.Empty(overrides.Current);
        Assert.Single(mesh.Logs.GetSnapshot(), static record => record.Id.Id == 132);
    }

    [Fact]
    public void What_is_shown_is_a_copy()
    {
        using var mesh = Fleet.Of(1);
        var overrides = Of(mesh);
        overrides.Apply(Change(mesh, Fleet.Name, static s => s.Timeout = TimeSpan.FromSeconds(1)));

        var shown = Assert.Single(overrides.Current).Settings;
        shown.Timeout = TimeSpan.FromSeconds(-5);
        shown.OutlierDetection = null!;

        Assert.Equal(TimeSpan.FromSeconds(1), Assert.Single(overrides.Current).Settings.Timeout);
    }

    [Fact]
    public void Next_change_of_a_subject_replaces_the_one_before_with_its_time()
    {
        using var mesh = Fleet.Of(1);
        var overrides = Of(mesh);
        overrides.Apply(Change(mesh, Fleet.Name, static s => s.Timeout = TimeSpan.FromSeconds(1)));
        mesh.Time.Advance(TimeSpan.FromMinutes(30));
        overrides.Apply(Change(mesh, Fleet.Name, static s => s.Retry.MaxRetries = 0));
        Assert.Equal(TimeSpan.FromSeconds(10), Timeout(mesh));

        mesh.Time.Advance(TimeSpan.FromMinutes(45));
        Assert.Equal(0, mesh.Catalog().Model.Routes[0].Policy.MaxRetries);
        mesh.Time.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal(2, mesh.Catalog().Model.Routes[0].Policy.MaxRetries);
    }

    [Fact]
    public void Change_of_all_services_counts_where_nothing_more_specific_is_said()
    {
        using var mesh = Fleet.Of(1, static service => service.Timeout = TimeSpan.FromSeconds(5));
        var overrides = Of(mesh);

        overrides.Apply(Change(mesh, null, static s => (s.Timeout, s.Retry.MaxRetries) = (TimeSpan.FromSeconds(1), 0)));

        Assert.Equal(TimeSpan.FromSeconds(5), Timeout(mesh));
        Assert.Equal(0, mesh.Catalog().Model.Routes[0].Policy.MaxRetries);
        Assert.Throws<ArgumentException>(() => overrides.Remove(string.Empty));
        Assert.Equal(0, mesh.Catalog().Model.Routes[0].Policy.MaxRetries);
        Assert.True(overrides.Remove(null));
        Assert.False(overrides.Remove(null));
        Assert.Equal(2, mesh.Catalog().Model.Routes[0].Policy.MaxRetries);
        Assert.Single(mesh.Logs.GetSnapshot(), static record => record.Id.Id == 131);
    }

    /// <summary>An application that is told of a change of the configuration may change something itself, while others do.</summary>
    [Fact]
    public async Task Change_made_during_a_change_of_the_configuration_waits_for_nobody()
    {
        using var mesh = Fleet.Of(1);
        var overrides = Of(mesh);
        var store = mesh.Provider.GetRequiredService<MeshStore>();
        store.Model.OnChange(_ => overrides.Apply(Change(mesh, "a", static s => s.Timeout = TimeSpan.FromSeconds(1))));

        var reloads = Task.Run(
            () => Repeat(300, () => store.Configure(new MeshOptions(), static _ => { }, static (failure, _) => throw failure)),
            TestContext.Current.CancellationToken);
        var changes = Task.Run(
            () => Repeat(3_000, () => overrides.Apply(Change(mesh, "b", static s => s.Timeout = TimeSpan.FromSeconds(2)))),
            TestContext.Current.CancellationToken);
        await Task.WhenAll(reloads, changes)
            .WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, TestContext.Current.CancellationToken);

        static void Repeat(int times, Action action)
        {
            for (var i = 0; i < times; i++)
            {
                action();
            }
        }
    }

    [Fact]
    public void Override_of_the_configuration_has_the_last_word()
    {
        using var mesh = new MeshFixture(options =>
        {
            options.Services[Fleet.Name] = Fleet.Options(1);
            options.Override.Services[Fleet.Name] = new ServiceOptions { Timeout = TimeSpan.FromSeconds(7) };
        });

        Of(mesh).Apply(Change(mesh, Fleet.Name, static s => s.Timeout = TimeSpan.FromSeconds(1)));

        Assert.Equal(TimeSpan.FromSeconds(7), Timeout(mesh));
    }

    [Fact]
    public void What_protects_is_not_loosened()
    {
        using var mesh = new MeshFixture(static options => options.Services[Fleet.Name] = new() { RequireTls = true });
        var overrides = Of(mesh);

        overrides.Apply(Change(mesh, Fleet.Name, static s =>
            (s.RequireTls, s.Credentials.Mode, s.Credentials.AllowInsecureTransport) = (false, CredentialMode.Propagate, true)));

        var model = mesh.Catalog().Model;
        Assert.True(model.RequireTls);
        Assert.Equal((CredentialMode.None, false), (model.Credentials.Mode, model.Credentials.AllowInsecureTransport));
    }

    [Theory]
    [InlineData("expired", "Expires: ")]
    [InlineData("far", "Expires: ")]
    [InlineData("reason", "Reason: is empty.")]
    [InlineData("nothing", "Settings: nothing is set.")]
    [InlineData("wrong", "catalog:Retry:MaxRetries: 99 is out of range")]
    [InlineData("name", "Service: 'a?b' cannot be a service name.")]
    public void Mistake_changes_nothing(string mistake, string reason)
    {
        using var mesh = Fleet.Of(1);
        var settings = new ServiceOptions { Timeout = mistake == "nothing" ? null : TimeSpan.FromSeconds(1) };
        settings.Retry.MaxRetries = mistake == "wrong" ? 99 : null;

        var answer = Of(mesh).Apply(new MeshOverride(
            mistake == "name" ? "a\nb" : Fleet.Name,
            settings,
            mesh.Time.GetUtcNow() + (mistake == "expired" ? TimeSpan.Zero : TimeSpan.FromDays(mistake == "far" ? 8 : 1)),
            mistake == "reason" ? " " : "a test"));

        Assert.StartsWith(reason, Assert.Single(answer.Reasons), StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(10), Timeout(mesh));
        Assert.Empty(Of(mesh).Current);
    }

    [Fact]
    public void Change_that_is_changed_afterwards_stays_as_it_was()
    {
        using var mesh = Fleet.Of(1);
        var settings = new ServiceOptions { Timeout = TimeSpan.FromSeconds(1) };
        Of(mesh).Apply(new MeshOverride(Fleet.Name, settings, mesh.Time.GetUtcNow().AddHours(1), "a test"));

        settings.Timeout = TimeSpan.FromSeconds(2);

        Assert.Equal(TimeSpan.FromSeconds(1), Assert.Single(Of(mesh).Current).Settings.Timeout);
        Assert.Equal(TimeSpan.FromSeconds(1), Timeout(mesh));
    }

    [Theory]
    [InlineData("replaced", 1)]
    [InlineData("removed", 0)]
    [InlineData("over", 0)]
    [InlineData("disposed", 0)]
    public void Change_that_has_ended_leaves_no_timer(string how, int timers)
    {
        var time = new CountingTime();
        var mesh = Fleet.Of(1, services: services => services.AddKeyedSingleton<TimeProvider>(OwnClockAttribute.Name, time));
        using var _ = mesh;
        var overrides = Of(mesh);
        var before = mesh.Catalog() is not null ? time.Timers : 0;
        overrides.Apply(Change(mesh, Fleet.Name, static s => s.Timeout = TimeSpan.FromSeconds(1)));
        Assert.Equal(before + 1, time.Timers);

        switch (how)
        {
            case "replaced":
                overrides.Apply(Change(mesh, Fleet.Name, static s => s.Timeout = TimeSpan.FromSeconds(2)));
                break;
            case "removed":
                Assert.True(overrides.Remove(Fleet.Name.ToUpperInvariant()));
                break;
            case "over":
                time.Advance(TimeSpan.FromHours(1));
                break;
            default:
                ((IDisposable)overrides).Dispose();
                break;
        }

        Assert.Equal(before + timers, time.Timers);
    }

    [Fact]
    public void Change_may_last_seven_days()
    {
        using var mesh = Fleet.Of(1);
        var settings = new ServiceOptions { Timeout = TimeSpan.FromSeconds(1) };
        Assert.True(Of(mesh).Apply(new MeshOverride(Fleet.Name, settings, mesh.Time.GetUtcNow().AddDays(7), "a test")).IsAccepted);
    }

    private static IMeshOverrides Of(MeshFixture mesh) => mesh.Provider.GetRequiredService<IMeshOverrides>();

    private static TimeSpan Timeout(MeshFixture mesh) => mesh.Catalog().Model.Routes[0].Policy.Timeout;

    private static MeshOverride Change(MeshFixture mesh, string? service, Action<ServiceOptions> change)
    {
        var settings = new ServiceOptions();
        change(settings);
        return new MeshOverride(service, settings, mesh.Time.GetUtcNow().AddHours(1), "incident 7");
    }
}
