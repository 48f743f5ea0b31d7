using Mesh.Client.Context;
using Mesh.Client.Model;
using Mesh.Client.Primitives;

namespace Mesh.Client.Tests.Context;

public sealed class MeshContextTests
{
    [Fact]
    public void Current_outside_of_requests_is_background_work()
    {
        Assert.Null(MeshContext.Caller);
        Assert.Null(MeshContext.Remaining);
        Assert.Equal(Criticality.Sheddable, MeshContext.Criticality);
        Assert.Empty(MeshContext.Labels);
        Assert.Equal(1, MeshContext.Attempt);
    }

    [Fact]
    public void Begin_sets_values_until_disposed()
    {
        var values = new MeshContextValues { Criticality = Criticality.CriticalPlus, Labels = Labels("tenant", "acme") };
        using (MeshContext.Begin(values))
        {
            Assert.Equal(Criticality.CriticalPlus, MeshContext.Criticality);
            Assert.Equal("acme", MeshContext.Labels["tenant"]);
            using (MeshContext.Begin(new MeshContextValues { Labels = Labels("tenant", "other") }))
            {
                Assert.Equal("other", MeshContext.Labels["tenant"]);
            }

            Assert.Equal("acme", MeshContext.Labels["tenant"]);
        }

        Assert.Empty(MeshContext.Labels);
    }

    [Fact]
    public void Begin_inside_can_only_shorten_the_deadline()
    {
        using var outer = MeshContext.Begin(new MeshContextValues { Timeout = TimeSpan.FromHours(1) });
        using (MeshContext.Begin(new MeshContextValues { Timeout = TimeSpan.FromHours(2) }))
        {
            Assert.InRange(MeshContext.Remaining!.Value, TimeSpan.FromMinutes(30), TimeSpan.FromHours(1));
        }

        using (MeshContext.Begin(new MeshContextValues { Timeout = TimeSpan.FromMinutes(20) }))
        {
            Assert.InRange(MeshContext.Remaining!.Value, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(20));
        }
    }

    [Fact]
    public async Task Begin_inside_ends_with_what_is_around_it()
    {
        var ended = new TaskCompletionSource();
        Task<int> forgotten;
        using (MeshContext.Begin(new MeshContextValues { Labels = Labels("tenant", "acme") }))
        {
            _ = MeshContext.Begin(MeshContext.Capture());
            Assert.Single(MeshContext.Labels);
            forgotten = LabelsAfter(ended.Task);
        }

        ended.SetResult();
        Assert.Equal(0, await forgotten);

        static async Task<int> LabelsAfter(Task end)
        {
            await end;
            return MeshContext.Labels.Count;
        }
    }

    [Fact]
    public async Task RunAs_takes_the_values_and_nothing_else_along()
    {
        using var request = MeshContext.Begin(
            new MeshContextValues { Labels = Labels("tenant", "acme"), Timeout = TimeSpan.FromHours(1), Caller = new("shop", "2") });
        var captured = MeshContext.Capture();

        await MeshContext.RunAsync(
            captured with { Labels = Labels("lane", "blue") },
            async () =>
            {
                await Task.Yield();
                Assert.Equal("blue", Assert.Single(MeshContext.Labels).Value);
                Assert.Null(MeshContext.Remaining);
                Assert.Equal("shop", MeshContext.Caller!.Name);
            });

        Assert.Equal("acme", MeshContext.Labels["tenant"]);
    }

    /// <summary>One request starts the work, and others wait for it.</summary>
    [Fact]
    public async Task RunAs_with_a_result_takes_everything_but_the_deadline_of_its_starter()
    {
        var goOn = new TaskCompletionSource();
        Lazy<Task<string>> shared = new(() => MeshContext.RunAsync(MeshContext.Capture(), DescribeLater));
        var hurried = ContextHolder.Enter(
            new CallContext(MeshClock.System)
            {
                Caller = new("shop", "2"),
                Deadline = MeshClock.System.Now + TimeSpan.FromMilliseconds(1),
                Criticality = Criticality.SheddablePlus,
                Labels = ContextLabels.From(Labels("tenant", "acme")),
            },
            user: BearerToken.FromJwt("e30.e30.e30"));
        var started = shared.Value;
        hurried.End();
        goOn.SetResult();

        Assert.Equal("none shop SheddablePlus acme user", await started);

        async Task<string> DescribeLater()
        {
            await goOn.Task;
            _ = ContextHolder.Read(out var holder);
            return $"{MeshContext.Remaining?.ToString() ?? "none"} {MeshContext.Caller?.Name} {MeshContext.Criticality} "
                + $"{MeshContext.Labels["tenant"]} {(holder?.User is null ? "nobody" : "user")}";
        }
    }

    [Fact]
    public async Task RunAs_with_a_result_takes_no_user_along_where_that_is_left_out()
    {
        _ = ContextHolder.Enter(new CallContext(clock: null), user: BearerToken.FromJwt("e30.e30.e30"));
        Assert.True(await MeshContext.RunAsync(MeshContext.Capture(), HasUser));
        Assert.False(await MeshContext.RunAsync(MeshContext.Capture() with { User = null }, HasUser));

        static Task<bool> HasUser()
        {
            _ = ContextHolder.Read(out var holder);
            return Task.FromResult(holder?.User is not null);
        }
    }

    [Fact]
    public async Task RunAs_with_a_result_ends_the_context_with_the_work_also_where_it_fails()
    {
        ContextHolder? inside = null;
        await Assert.ThrowsAsync<InvalidOperationException>(() => MeshContext.RunAsync(new MeshContextValues(), FailAsync));
        Assert.Null(inside!.Context);

        Task<int> FailAsync()
        {
            _ = ContextHolder.Read(out inside);
            throw new InvalidOperationException("fails");
        }
    }

    [Fact]
    public async Task RunAs_with_a_result_refuses_what_cannot_travel()
    {
        await Assert.ThrowsAsync<ArgumentNullException>(() => MeshContext.RunAsync(new MeshContextValues(), (Func<Task<int>>)null!));
        await Assert.ThrowsAsync<ArgumentException>(
            () => MeshContext.RunAsync(new MeshContextValues { Labels = Labels("Tenant", "acme") }, () => Task.FromResult(1)));
    }

    [Fact]
    public async Task RunAs_ends_the_context_with_the_work()
    {
        var ended = new TaskCompletionSource();
        Task<int>? left = null;
        await MeshContext.RunAsync(
            new MeshContextValues { Labels = Labels("tenant", "acme") },
            () =>
            {
                left = Later();
                return Task.CompletedTask;
            });
        ended.SetResult();
        Assert.Equal(0, await left!);

        async Task<int> Later()
        {
            Assert.Single(MeshContext.Labels);
            await ended.Task;
            return MeshContext.Labels.Count;
        }
    }

    [Theory]
    [InlineData("Tenant", "acme")]
    [InlineData("", "acme")]
    [InlineData("tenant:", "acme")]
    [InlineData("tenant", "")]
    [InlineData("tenant", "a b")]
    [InlineData("tenant", "a\r\nhost: evil")]
    public void Begin_label_that_cannot_travel_is_an_error(string key, string value) =>
        Assert.Throws<ArgumentException>(() => MeshContext.Begin(new MeshContextValues { Labels = Labels(key, value) }));

    [Fact]
    public void Begin_17_labels_are_an_error()
    {
        var labels = Enumerable.Range(0, 17).ToDictionary(i => $"l{i}", _ => "v");
        Assert.Throws<ArgumentException>(() => MeshContext.Begin(new MeshContextValues { Labels = labels }));
        labels.Remove("l0");
        using var context = MeshContext.Begin(new MeshContextValues { Labels = labels });
        Assert.Equal(16, MeshContext.Labels.Count);
    }

    [Fact]
    public void Begin_timeout_of_zero_is_an_error() =>
        Assert.Throws<ArgumentException>(() => MeshContext.Begin(new MeshContextValues { Timeout = TimeSpan.Zero }));

    [Theory]
    [InlineData("1500", 1500L)]
    [InlineData("0", 0L)]
    [InlineData("86400000", 86_400_000L)]
    [InlineData("86400001", null)]
    [InlineData("-1", null)]
    [InlineData("+1", null)]
    [InlineData(" 1", null)]
    [InlineData("1.5", null)]
    [InlineData("1e3", null)]
    [InlineData("", null)]
    [InlineData("99999999999999999999", null)]
    public void Milliseconds_are_digits_up_to_a_day(string text, long? expected) =>
        Assert.Equal(expected, ContextSyntax.Milliseconds(text));

    [Theory]
    [InlineData("orders", "orders", null)]
    [InlineData("orders;2.1.0", "orders", "2.1.0")]
    [InlineData("orders;", "orders", null)]
    [InlineData("or ders", null, null)]
    [InlineData(";1", null, null)]
    [InlineData("", null, null)]
    [InlineData("<script>", null, null)]
    public void Caller_is_a_service_name_and_a_version(string text, string? name, string? version)
    {
        var caller = ContextSyntax.Caller(text);
        Assert.Equal(name, caller?.Name);
        Assert.Equal(version, caller?.Version);
    }

    private static Dictionary<string, string> Labels(string key, string value) => new() { [key] = value };
}
