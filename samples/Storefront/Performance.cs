using Storefront.Display;
using Storefront.Driver;
using Storefront.Processes;
using Storefront.Scenes;

namespace Storefront;

/// <summary>Starts everything, lets the customers call, plays the scenes, and counts.</summary>
internal sealed class Performance(DemoOptions options, Fleet fleet)
{
    private static readonly TimeSpan FirstAnswerTimeout = TimeSpan.FromSeconds(30);

    public async Task<DemoResult> RunAsync(CancellationToken cancellation)
    {
        Console.WriteLine(options.Stock
            ? "Stock stack: AddStandardResilienceHandler() and AddServiceDiscovery(), all defaults, endpoints from the configuration. No "
                + "mesh."
            : "Mesh: AddMesh(), endpoints from the registry.");
        Console.WriteLine($"Starting {fleet.All.Count()} processes; logs and ledgers are in {fleet.Folder}.");
        await fleet.StartAsync(cancellation);

        var monitor = new FleetMonitor(fleet);
        var calls = new CallLog();
        await WaitForFirstAnswersAsync(cancellation);
        await monitor.ReadAsync(cancellation);
        monitor.Begin();

        var clock = DemoClock.Start();
        using var driver = new OpenLoopDriver(fleet.Storefront.Address, options.Rate, clock, calls);
        using var stopDriver = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var stopMonitor = new CancellationTokenSource();
        var status = new StatusSource(clock, calls, monitor);
        var scenes = ScenePlan.For(options.Duration);
        IReadOnlyList<Proof> proofs;
        await using (var display = Displays.For(status))
        {
            display.Announce($"{options.Rate} calls per second to {fleet.Storefront.Address}, three of four GET /products/{{id}} "
                + "(catalog), one POST /orders (orders)");
            var driving = driver.RunAsync(stopDriver.Token, cancellation);
            var monitoring = monitor.RunAsync(stopMonitor.Token);
            try
            {
                proofs = await PlayAsync(scenes, driver, calls, status, new Stage(fleet, monitor, clock, display.Announce), cancellation);
            }
            finally
            {
                await stopDriver.CancelAsync();
                await driving;
                await stopMonitor.CancelAsync();
                await monitoring;
            }

            await monitor.ReadAsync(cancellation);
        }

        return new DemoResult(
            clock.Elapsed,
            calls,
            scenes,
            proofs,
            monitor.Rows(),
            [.. fleet.All.Where(service => service.Crash is not null)],
            await Ledgers.ReadAsync(fleet.Folder, cancellation));
    }

    private async Task WaitForFirstAnswersAsync(CancellationToken cancellation)
    {
        using var driver = new OpenLoopDriver(fleet.Storefront.Address, options.Rate, DemoClock.Start(), new CallLog());
        if (await driver.WaitUntilAnsweringAsync(FirstAnswerTimeout, cancellation) is { } error)
        {
            throw new DemoException($"The storefront gave no good answer within {FirstAnswerTimeout.TotalSeconds:0} s. The last one: "
                + $"{error}");
        }
    }

    private static async Task<IReadOnlyList<Proof>> PlayAsync(
        IReadOnlyList<Scene> scenes, OpenLoopDriver driver, CallLog calls, StatusSource status, Stage stage, CancellationToken cancellation)
    {
        var proofs = new List<Proof>();
        for (var i = 0; i < scenes.Count; i++)
        {
            driver.Scene = i;
            status.Scene = $"scene {i + 1} of {scenes.Count}, {scenes[i].Name}: {scenes[i].Title}";
            stage.Announce($"begin {status.Scene}");
            if (await scenes[i].PlayAsync(stage, cancellation) is { } proof)
            {
                proofs.Add(proof);
            }

            var number = i;
            var answered = calls.Summarize(call => call.Scene == number);
            stage.Announce($"end of scene {i + 1}, {scenes[i].Name}: {answered.Calls} calls answered so far, {answered.Failed} of them "
                + "failed");
        }

        return proofs;
    }
}
