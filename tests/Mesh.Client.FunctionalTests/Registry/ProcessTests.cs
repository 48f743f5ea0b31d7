using System.Globalization;
using Mesh.Client.FunctionalTests.Servers;

namespace Mesh.Client.FunctionalTests.Registry;

/// <summary>Start and stop of real processes, by real signals.</summary>
public sealed class ProcessTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("web")]
    [InlineData("host")]
    [InlineData("worker")]
    public async Task Sigterm_while_the_start_waits_for_a_registry_that_hangs_ends_cleanly(string kind)
    {
        SkipWithoutSignals();
        await using var registry = await RecordingRegistry.StartAsync(hangs: true);
        using var process = ApplicationProcess.Start(kind, Of(registry).With("Discovery:StartupWait", TimeSpan.FromMinutes(5)));
        await Patience.UntilAsync(() => registry.Fetches > 0 || process.HasExited, "the application asks the registry");

        process.Terminate();

        Assert.Equal(0, await process.EndAsync());
        Assert.Empty(registry.Told);
    }

    [Theory]
    [InlineData("web", "Starting")]
    [InlineData("web", "Start")]
    [InlineData("web", "Started")]
    [InlineData("host", "Start")]
    [InlineData("host", "Started")]
    [InlineData("worker", "Start")]
    public async Task Sigterm_while_another_service_starts_ends_cleanly_and_leaves_no_registration(string kind, string phase)
    {
        SkipWithoutSignals();
        await using var registry = await RecordingRegistry.StartAsync();
        using var process = ApplicationProcess.Start(kind, Slow(registry, phase, TimeSpan.FromSeconds(1)));
        await process.UntilAsync("slow");
        if (phase == "Started")
        {
            // The worst case: it is registered when the signal comes.
            await Patience.UntilAsync(() => !registry.Told.IsEmpty || process.HasExited, "the application is registered");
        }

        process.Terminate();

        Assert.Equal(0, await process.EndAsync());
        Assert.True(registry.IsEmpty, string.Join(", ", registry.Told));
        Assert.DoesNotContain("UP", registry.Told);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Start_that_fails_or_must_be_cancelled_leaves_no_registration(bool cancelled)
    {
        SkipWithoutSignals();
        await using var registry = await RecordingRegistry.StartAsync();
        var settings = Slow(registry, "Started", cancelled ? TimeSpan.FromMinutes(5) : TimeSpan.FromSeconds(1));
        settings["Slow:Fails"] = "true";
        using var process = ApplicationProcess.Start("web", settings);
        await Patience.UntilAsync(() => !registry.Told.IsEmpty || process.HasExited, "the application is registered");
        if (cancelled)
        {
            process.Terminate();
        }

        Assert.NotEqual(0, await process.EndAsync());
        Assert.Equal(["STARTING", "DELETE"], registry.Told);
    }

    [Fact]
    public async Task Sigterm_while_a_ready_check_hangs_ends_cleanly_and_at_once()
    {
        SkipWithoutSignals();
        await using var registry = await RecordingRegistry.StartAsync();
        var settings = Of(registry).With("Discovery:Eureka:Health:CheckTimeout", TimeSpan.FromHours(1));
        settings["Ready:Hangs"] = "true";
        using var process = ApplicationProcess.Start("web", settings);
        await Patience.UntilAsync(() => registry.Told.Contains("STARTING") || process.HasExited, "the application is registered");

        process.Terminate();

        Assert.Equal(0, await process.EndAsync());
        Assert.Equal(["STARTING", "DOWN", "DELETE"], registry.Told);
    }

    [Fact]
    public async Task Sigterm_drains_and_a_second_one_ends_the_drain_delay()
    {
        SkipWithoutSignals();
        await using var registry = await RecordingRegistry.StartAsync();
        using var process = ApplicationProcess.Start("web", Of(registry).With("Lifecycle:DrainDelay", TimeSpan.FromMinutes(5)));
        await Patience.UntilAsync(() => registry.Told.Contains("UP") || process.HasExited, "the application is up");

        process.Terminate();
        await Patience.UntilAsync(() => registry.Told.Contains("DOWN") || process.HasExited, "the application says that it leaves");

        // What comes within a second is the same signal, delivered twice.
        await Patience.PassAsync(TimeSpan.FromSeconds(2), Token);
        process.Terminate();

        Assert.Equal(0, await process.EndAsync());
        Assert.Equal(["STARTING", "UP", "DOWN", "DELETE"], registry.Told);
    }

    [Theory]
    [InlineData("web")]
    [InlineData("host")]
    public async Task Dynamic_ports_on_several_addresses_the_one_that_others_reach_is_registered(string kind)
    {
        SkipWithoutSignals();
        await using var registry = await RecordingRegistry.StartAsync();
        var settings = Of(registry).With("Lifecycle:DrainDelay", TimeSpan.Zero);
        settings["urls"] = "http://127.0.0.1:0;http://0.0.0.0:0";
        using var process = ApplicationProcess.Start(kind, settings);
        await Patience.UntilAsync(() => registry.Told.Contains("UP") || process.HasExited, "the application is up");

        var port = (int)registry.Instance!["port"]!["$"]!;
        using var client = new HttpClient();
        Assert.Equal("hello", await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/"), Token));
        Assert.NotEqual("127.0.0.1", (string?)registry.Instance["hostName"]);
        Assert.EndsWith(port.ToString(CultureInfo.InvariantCulture), (string?)registry.Instance["instanceId"], StringComparison.Ordinal);

        process.Terminate();
        Assert.Equal(0, await process.EndAsync());
        Assert.True(registry.IsEmpty);
    }

    private static Settings Of(RecordingRegistry registry)
    {
        var settings = Settings.Registry(registry.Url).With("Service:Name", "orders");
        settings["urls"] = "http://127.0.0.1:0";
        return settings;
    }

    private static Settings Slow(RecordingRegistry registry, string phase, TimeSpan time)
    {
        var settings = Of(registry);
        settings["Slow:Phase"] = phase;
        settings["Slow:Time"] = time.ToString("c", CultureInfo.InvariantCulture);
        return settings;
    }

    private static void SkipWithoutSignals() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM.");
}
