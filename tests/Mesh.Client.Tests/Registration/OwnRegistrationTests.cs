using System.Net;
using System.Text.Json.Nodes;
using Mesh.Client.Eureka;
using Mesh.Client.Registration;
using Mesh.Client.Tests.Eureka;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.Tests.Registration;

/// <summary>Changes of the own registration at run time, and what operators and former processes have left at the registry.</summary>
public sealed class OwnRegistrationTests : IAsyncDisposable
{
    private const string Instance = "/eureka/apps/ORDERS/host1:orders:5001";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private readonly StepTimeProvider _time = new();
    private readonly ScriptedRegistry _wire = new();
    private readonly FakeLogger<EurekaRegistration> _logger = new();
    private readonly EurekaClient _client;
    private readonly EurekaRegistration _registration;
    private readonly OwnRegistration _own = new();

    public OwnRegistrationTests()
    {
        _client = new EurekaClient(TestConfiguration.Of(), _time, _wire);
        _registration = new EurekaRegistration(_client, _own, _time, new FixedRandom(), TestMetrics.Of(_time), new(() => _logger));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await Patience.For(_registration.EndLoopAsync(Token), "the end of the loop");
        _registration.Dispose();
        _client.Dispose();
    }

    [Fact]
    public async Task SetMetadata_is_sent_beside_the_registration()
    {
        await StartUpAsync();

        _own.SetMetadata("weight", "7");
        var put = await _wire.NextAsync();

        Assert.Equal($"PUT {Instance}/metadata", put.Line);
        Assert.Equal("?weight=7", put.Uri.Query);
        Assert.Equal("7", _own.Metadata["weight"]);
        await _time.PassWaitAsync(Interval);
        Assert.Equal("PUT " + Instance, (await _wire.NextAsync()).Line);
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.MethodNotAllowed)]
    public async Task SetMetadata_registers_again_where_the_server_lacks_it(HttpStatusCode lacking)
    {
        var up = await StartUpAsync();
        _wire.Answer = request => ScriptedRegistry.Status(
            request.Uri.AbsolutePath.EndsWith("/metadata", StringComparison.Ordinal) ? lacking : HttpStatusCode.OK);

        _own.SetMetadata("weight", "7");

        Assert.EndsWith("/metadata", (await _wire.NextAsync()).Line, StringComparison.Ordinal);
        var again = await _wire.NextAsync();
        Assert.Equal("UP", again.Status);
        Assert.Equal("7", (string?)again.Instance["metadata"]!["weight"]);
        Assert.True(again.Dirty > up.Dirty);
    }

    /// <summary>Servers take no first line of more than 8 KiB.</summary>
    [Fact]
    public async Task SetMetadata_too_long_for_an_address_goes_with_a_registration()
    {
        await StartUpAsync();

        _own.SetMetadata("routes", new string('x', 10_000));

        var again = await _wire.NextAsync();
        Assert.Equal("POST", again.Method);
        Assert.Equal(10_000, ((string?)again.Instance["metadata"]!["routes"])!.Length);
    }

    [Fact]
    public async Task SetMetadata_that_the_registry_refuses_does_not_cost_the_lease()
    {
        var up = await StartUpAsync();
        _wire.Answer = request => ScriptedRegistry.Status(
            request.Uri.AbsolutePath.EndsWith("/metadata", StringComparison.Ordinal) ? HttpStatusCode.BadRequest : HttpStatusCode.OK);

        _own.SetMetadata("weight", "7");
        await _time.PassWaitAsync(TimeSpan.FromSeconds(0.75));
        await _time.ReachWaitAsync(TimeSpan.FromSeconds(1.5));

        Assert.Equal(
            [$"PUT {Instance}/metadata?weight=7", $"PUT {Instance}?status=UP&lastDirtyTimestamp={up.Dirty}",
                $"PUT {Instance}/metadata?weight=7", $"PUT {Instance}?status=UP&lastDirtyTimestamp={up.Dirty}"],
            _wire.Rest().Select(request => request.Line + request.Uri.Query));
    }

    [Fact]
    public async Task SetMetadata_back_before_it_was_sent_sends_nothing()
    {
        await StartUpAsync();
        var heartbeat = new TaskCompletionSource<HttpResponseMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        _wire.AnswerAsync = (_, _) => heartbeat.Task;
        _time.Advance(Interval);
        await _wire.NextAsync();

        _own.SetMetadata("zone", "elsewhere");
        _own.SetMetadata("zone", "zone1");
        _wire.Answer = _ => ScriptedRegistry.Status(HttpStatusCode.OK);
        heartbeat.SetResult(ScriptedRegistry.Status(HttpStatusCode.OK));

        // The change wakes the loop, which finds nothing to send but a heartbeat, and waits again.
        Assert.Equal($"PUT {Instance}", (await _wire.NextAsync()).Line);
        await _time.ReachWaitAsync(Interval);
        Assert.Empty(_wire.Rest());
    }

    [Fact]
    public async Task SetMetadata_to_nothing_registers_again_because_the_protocol_cannot_remove()
    {
        await StartUpAsync();

        _own.SetMetadata("version", null);
        var again = await _wire.NextAsync();

        Assert.Equal("POST", again.Method);
        Assert.Null(again.Instance["metadata"]!["version"]);
        Assert.Equal("zone1", (string?)again.Instance["metadata"]!["zone"]);
    }

    [Fact]
    public async Task SetMetadata_before_the_registration_is_part_of_it()
    {
        _own.SetMetadata("weight", "7");
        _own.SetMetadata("zone", null);
        Begin();

        Assert.Equal("""{"version":"1.2.3","weight":"7"}""", (await _wire.NextAsync()).Instance["metadata"]!.ToJsonString());
    }

    [Fact]
    public async Task SetStatus_down_and_up_registers_it()
    {
        await StartUpAsync();

        _own.SetStatus(InstanceStatus.Down);
        Assert.Equal("DOWN", (await _wire.NextAsync()).Status);
        Assert.Equal(InstanceStatus.Down, _own.Status);
        _own.SetStatus(null);
        Assert.Equal("UP", (await _wire.NextAsync()).Status);
    }

    [Fact]
    public async Task SetStatus_out_of_service_is_an_override_and_is_taken_away_again()
    {
        await StartUpAsync();

        _own.SetStatus(InstanceStatus.OutOfService);
        var set = await _wire.NextAsync();
        Assert.Equal(InstanceStatus.OutOfService, _own.Status);
        Assert.Null(_own.OverriddenBy);
        await _time.ReachWaitAsync(Interval);
        _own.SetStatus(InstanceStatus.Up);
        var removed = await _wire.NextAsync();

        Assert.Equal($"PUT {Instance}/status?value=OUT_OF_SERVICE", set.Line + set.Uri.Query);
        Assert.Equal($"DELETE {Instance}/status?value=UP", removed.Line + removed.Uri.Query);
    }

    [Fact]
    public async Task SetStatus_out_of_service_registers_it_where_the_server_has_no_overrides()
    {
        await StartUpAsync();
        _wire.Answer = request => ScriptedRegistry.Status(
            request.Uri.AbsolutePath.EndsWith("/status", StringComparison.Ordinal) ? HttpStatusCode.MethodNotAllowed : HttpStatusCode.OK);

        _own.SetStatus(InstanceStatus.OutOfService);

        Assert.EndsWith("/status", (await _wire.NextAsync()).Line, StringComparison.Ordinal);
        var post = await _wire.NextAsync();
        Assert.Equal("OUT_OF_SERVICE", post.Status);
        Assert.Equal("OUT_OF_SERVICE", (string?)post.Instance["overriddenstatus"]);
    }

    [Fact]
    public async Task SetStatus_up_leaves_an_operators_override_alone()
    {
        await StartUpAsync();
        Show("OUT_OF_SERVICE");
        _time.Advance(Interval);
        await _time.ReachWaitAsync(Interval);
        Assert.Equal(InstanceStatus.OutOfService, _own.OverriddenBy);
        Assert.Equal(InstanceStatus.Up, _own.Status);
        _wire.Rest();

        _own.SetStatus(InstanceStatus.OutOfService);
        await _time.ReachWaitAsync(Interval);
        _own.SetStatus(InstanceStatus.Up);
        await _time.ReachWaitAsync(Interval);

        Assert.Empty(_wire.Rest());
    }

    [Fact]
    public async Task Loop_operators_override_is_seen_and_seen_to_go_and_never_written_over()
    {
        await StartUpAsync();
        Show("OUT_OF_SERVICE");
        _time.Advance(Interval);
        await _time.ReachWaitAsync(Interval);
        Assert.Equal(InstanceStatus.OutOfService, _own.OverriddenBy);
        Show("UNKNOWN");
        _time.Advance(Interval);
        await _time.ReachWaitAsync(Interval);

        Assert.Null(_own.OverriddenBy);
        Assert.All(_wire.Rest(), request => Assert.Equal($"PUT {Instance}", request.Line));
        Assert.Equal(1, Logged(2126));
        Assert.Equal(1, Logged(2132));
    }

    [Fact]
    public async Task Loop_registry_that_lost_everything_gets_the_operators_override_back()
    {
        await StartUpAsync();
        Show("OUT_OF_SERVICE");
        _time.Advance(Interval);
        await _time.ReachWaitAsync(Interval);
        _wire.Rest();

        _wire.Look = _ => ScriptedRegistry.Status(HttpStatusCode.NotFound);
        _wire.Answer = request => ScriptedRegistry.Status(request.Method == "PUT" ? HttpStatusCode.NotFound : HttpStatusCode.NoContent);
        _time.Advance(Interval);
        await _time.PassWaitAsync(TimeSpan.FromSeconds(1));
        Assert.Equal("PUT", (await _wire.NextAsync()).Method);

        Assert.Equal("OUT_OF_SERVICE", (string?)(await _wire.NextAsync()).Instance["overriddenstatus"]);
        Assert.Equal(1, Logged(2134));
    }

    /// <summary>A server believes a registration as STARTING whatever the override beside it says.</summary>
    [Fact]
    public async Task Loop_registry_that_lost_an_override_UP_over_STARTING_gets_it_back_so_that_it_counts()
    {
        await BeLiftedAsync();

        _wire.Look = _ => ScriptedRegistry.Status(HttpStatusCode.NotFound);
        _wire.Answer = request => ScriptedRegistry.Status(request.Method == "PUT" ? HttpStatusCode.NotFound : HttpStatusCode.NoContent);
        _time.Advance(Interval);
        await _time.PassWaitAsync(TimeSpan.FromSeconds(1));
        Assert.Equal("PUT", (await _wire.NextAsync()).Method);

        var again = await _wire.NextAsync();
        Assert.Equal("UP", again.Status);
        Assert.Equal("UP", (string?)again.Instance["overriddenstatus"]);
        Assert.Equal(InstanceStatus.Starting, _own.Status);
    }

    [Fact]
    public async Task SetMetadata_removal_leaves_an_override_UP_over_STARTING_in_force()
    {
        await BeLiftedAsync();

        _own.SetMetadata("zone", null);

        Assert.Equal("UP", (await _wire.NextAsync()).Status);
    }

    [Fact]
    public async Task Loop_override_UP_over_STARTING_that_ends_registers_STARTING()
    {
        await BeLiftedAsync();

        Show("UNKNOWN");
        _time.Advance(Interval);
        await _time.ReachWaitAsync(Interval);

        Assert.Equal("STARTING", _wire.Rest().Last(request => request.Method == "POST").Status);
    }

    [Theory]
    [InlineData("unhealthy", "DOWN")]
    [InlineData("leaving", "DOWN")]
    [InlineData("chosen DOWN", "DOWN")]
    [InlineData("chosen STARTING", "STARTING")]
    public async Task Loop_override_UP_over_STARTING_does_not_hide_what_the_application_says_later(string what, string expected)
    {
        await BeLiftedAsync();

        switch (what)
        {
            case "unhealthy":
                _own.SetHealthy(false);
                break;
            case "leaving":
                _own.SetLife(RegistrationStatus.Down);
                break;
            default:
                _own.SetStatus(expected == "DOWN" ? InstanceStatus.Down : InstanceStatus.Starting);
                break;
        }

        Assert.Equal(expected, (await _wire.NextAsync()).Status);
    }

    [Fact]
    public async Task Loop_override_UP_of_an_application_that_is_not_ready_registers_STARTING()
    {
        Show("UP");
        Begin(upAtStart: false);
        await _time.ReachWaitAsync(Interval);
        Assert.Equal(InstanceStatus.Up, _own.OverriddenBy);

        _own.SetMetadata("zone", null);
        await _time.ReachWaitAsync(Interval);

        Assert.Equal(["STARTING", "STARTING"], _wire.Rest().Select(request => request.Status));
    }

    [Fact]
    public async Task Loop_override_taken_away_which_a_server_reports_as_unknown_does_not_come_back()
    {
        await StartUpAsync();
        Show("OUT_OF_SERVICE");
        _time.Advance(Interval);
        await _time.ReachWaitAsync(Interval);
        _wire.Rest();

        // What a real server does after DELETE …/status without a value (recorded in spring-layout/53 to 56).
        Show("UNKNOWN");
        _wire.Answer = request => ScriptedRegistry.Status(request.Method == "PUT" ? HttpStatusCode.NotFound : HttpStatusCode.NoContent);
        _time.Advance(Interval);
        await _time.PassWaitAsync(TimeSpan.FromSeconds(1));
        Assert.Equal("PUT", (await _wire.NextAsync()).Method);

        Assert.Equal("UNKNOWN", (string?)(await _wire.NextAsync()).Instance["overriddenstatus"]);
    }

    [Theory]
    [InlineData(""" "hostName":"elsewhere","port":{"$":5001,"@enabled":"true"},"lastDirtyTimestamp":"1" """, "at elsewhere:5001")]
    [InlineData(""" "hostName":"127.0.0.1","port":{"$":7,"@enabled":"true"},"lastDirtyTimestamp":"1" """, "at 127.0.0.1:7")]
    [InlineData(""" "hostName":"127.0.0.1","port":{"$":5001,"@enabled":"true"},"lastDirtyTimestamp":"1766000000000000000" """,
        "with a version that no later one can exceed")]
    [InlineData(""" "hostName":"127.0.0.1","port":{"$":5001,"@enabled":"true"},"lastDirtyTimestamp":"1" """, null)]
    public async Task Begin_registry_that_lists_somebody_else_under_the_id_is_warned_of(string shown, string? difference)
    {
        _wire.Look = _ => ScriptedRegistry.Json(
            $$$"""{"instance":{"instanceId":"host1:orders:5001","app":"ORDERS","status":"UP",{{{shown}}}}}""");

        Begin();
        await _wire.NextAsync();
        await _time.ReachWaitAsync(Interval);

        Assert.Equal(difference is null ? 0 : 1, Logged(2131));
        Assert.Equal(0, Logged(2127));
        if (difference is not null)
        {
            Assert.Equal(
                $"The registry lists host1:orders:5001 {difference}: its callers use a registration that is not this application's. Two "
                + "instances share this id, or another client has registered it. This lasts until that registration is removed: give each "
                + "instance its own Mesh:Discovery:Eureka:InstanceId and restart it, or delete the registration at the registry if no "
                + "other instance has this id. This application then registers again.",
                _logger.Collector.GetSnapshot().Single(static record => record.Id.Id == 2131).Message);
        }
    }

    [Fact]
    public async Task Begin_registry_keeps_a_later_version_of_a_former_process_registers_once_more_with_a_later_one()
    {
        // The clock went back before this process started: the server takes the registration, and
        // keeps the old one (recorded in extra/29 to 31).
        var stored = _time.Start.ToUnixTimeMilliseconds() + 60_000;
        _wire.Look = _ => ScriptedRegistry.Json(
            $$$"""{"instance":{"instanceId":"host1:orders:5001","hostName":"h","app":"ORDERS","status":"DOWN","lastDirtyTimestamp":"{{{stored}}}"}}""");

        Begin();
        var first = await _wire.NextAsync();
        var second = await _wire.NextAsync();
        await _time.ReachWaitAsync(Interval);

        Assert.True(first.Dirty < stored);
        Assert.Equal(stored + 1, second.Dirty);
        Assert.Empty(_wire.Rest());
        Assert.Equal(1, Logged(2127));
    }

    [Fact]
    public async Task Begin_other_instance_under_the_same_id_is_not_fought_for_ever()
    {
        var stored = _time.Start.ToUnixTimeMilliseconds();
        _wire.Look = _ => ScriptedRegistry.Json(
            $$$"""{"instance":{"instanceId":"x","status":"UP","lastDirtyTimestamp":"{{{stored += 10}}}"}}""");

        Begin();
        await _time.ReachWaitAsync(Interval);

        Assert.Equal(4, _wire.Rest().Count);
    }

    [Fact]
    public async Task Begin_not_up_at_start_stays_starting_until_the_application_says_so()
    {
        Begin(upAtStart: false);
        _own.SetLife(RegistrationStatus.Up);
        Assert.Equal("STARTING", (await _wire.NextAsync()).Status);
        await _time.PassWaitAsync(Interval);
        Assert.Equal("PUT", (await _wire.NextAsync()).Method);

        _own.SetStatus(InstanceStatus.Up);

        // What Set has woken may still be one heartbeat more.
        var next = await _wire.NextAsync();
        while (next.Method == "PUT")
        {
            next = await _wire.NextAsync();
        }

        Assert.Equal("UP", next.Status);
    }

    [Fact]
    public async Task AnnounceDown_is_down_whatever_was_set()
    {
        await StartUpAsync();
        _own.SetStatus(InstanceStatus.OutOfService);
        await _wire.NextAsync();
        await _time.ReachWaitAsync(Interval);

        await _registration.EndLoopAsync(Token);
        _own.SetLife(RegistrationStatus.Down);
        await _registration.AnnounceDownAsync(Token);
        _own.SetStatus(InstanceStatus.Up);

        Assert.Equal("DOWN", Assert.Single(_wire.Rest()).Status);
        Assert.Equal(InstanceStatus.Down, _own.Status);
    }

    [Theory]
    [InlineData("", "x")]
    [InlineData("a\r\nb", "x")]
    [InlineData("a", "x\n")]
    public void SetMetadata_what_could_end_a_line_is_refused(string key, string value) =>
        Assert.ThrowsAny<ArgumentException>(() => _own.SetMetadata(key, value));

    [Fact]
    public void SetMetadata_half_of_a_pair_of_characters_is_refused()
    {
        foreach (var half in new[] { "\ud800", "x\ud83d", "\udc00x" })
        {
            Assert.Throws<ArgumentException>(() => _own.SetMetadata("weight", half));
            Assert.Throws<ArgumentException>(() => _own.SetMetadata(half, "7"));
        }
    }

    [Fact]
    public void SetMetadata_any_text_is_taken()
    {
        _own.SetMetadata("größe", "𝄞 17 €");

        Assert.Equal("𝄞 17 €", _own.Metadata["größe"]);
    }

    [Fact]
    public void Configure_what_is_gone_goes_and_what_the_application_has_set_stays()
    {
        _own.Begin(TestRegistration.Metadata, upAtStart: true);
        _own.SetMetadata("mine", "1");
        _own.SetMetadata("zone", null);

        _own.Configure(new Dictionary<string, string> { ["zone"] = "zone2", ["mine"] = "2", ["new"] = "3" });

        Assert.Equal(new Dictionary<string, string> { ["mine"] = "1", ["new"] = "3" }, _own.Metadata);
    }

    [Fact]
    public void Configure_the_same_is_no_change()
    {
        _own.Begin(TestRegistration.Metadata, upAtStart: true);
        var (changed, before) = (_own.NextChange, _own.Wanted);

        _own.Configure(TestRegistration.Metadata);

        Assert.False(changed.IsCompleted);
        Assert.Equal(before, _own.Wanted);
    }

    [Fact]
    public void SetStatus_no_status_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => _own.SetStatus((InstanceStatus)17));

    private async Task<RecordedRequest> StartUpAsync()
    {
        Begin();
        _own.SetLife(RegistrationStatus.Up);
        Assert.Equal("STARTING", (await _wire.NextAsync()).Status);
        var up = await _wire.NextAsync();
        Assert.Equal("UP", up.Status);
        await _time.ReachWaitAsync(Interval);
        return up;
    }

    /// <summary>An application with UpAtStart false is ready, and an operator has set it UP.</summary>
    private async Task BeLiftedAsync()
    {
        Begin(upAtStart: false);
        await _time.ReachWaitAsync(Interval);
        _own.SetLife(RegistrationStatus.Up);
        await _time.ReachWaitAsync(Interval);
        Assert.Equal("STARTING", (await _wire.NextAsync()).Status);
        Show("UP");
        _time.Advance(Interval);
        await _time.ReachWaitAsync(Interval);
        Assert.Equal(InstanceStatus.Up, _own.OverriddenBy);

        // What follows from it has been sent by the next heartbeat.
        _time.Advance(Interval);
        await _time.ReachWaitAsync(Interval);
        _wire.Rest();
    }

    private void Show(string overridden) => _wire.Look = _ => ScriptedRegistry.Json(new JsonObject
    {
        ["instance"] = new JsonObject { ["instanceId"] = "host1:orders:5001", ["app"] = "ORDERS", ["overriddenStatus"] = overridden },
    }.ToJsonString());

    private int Logged(int id) => _logger.Collector.GetSnapshot().Count(record => record.Id.Id == id);

    /// <summary>As the life cycle does it.</summary>
    private void Begin(bool upAtStart = true)
    {
        _own.Begin(TestRegistration.Metadata, upAtStart);
        _registration.Begin(TestRegistration.Of());
    }
}
