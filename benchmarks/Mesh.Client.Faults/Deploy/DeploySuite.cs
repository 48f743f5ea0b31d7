using System.Text.Json;
using Mesh.Client.Faults.Deploy.Fleet;
using Mesh.Client.Faults.Deploy.Results;
using Samples.Processes;

namespace Mesh.Client.Faults.Deploy;

/// <summary>The suite from the command line to the exit code.</summary>
internal static class DeploySuite
{
    private const int Success = 0;
    private const int Failure = 1;
    private const int WrongUsage = 2;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static async Task<int> RunAsync(string[] args)
    {
        DeployCommand command;
        try
        {
            command = DeployCommand.Parse(args.AsSpan(1));
        }
        catch (ArgumentException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            await Console.Error.WriteLineAsync(DeployCommand.Usage);
            return WrongUsage;
        }

        using var interruption = new Interruption();
        var folder = Directory.CreateTempSubdirectory("mesh-deploy-").FullName;
        var exitCode = await RunAsync(command, folder, interruption.Token);
        if (exitCode == Success)
        {
            Directory.Delete(folder, recursive: true);
        }
        else
        {
            await Console.Error.WriteLineAsync($"The logs and ledgers of all processes are in {folder}.");
        }

        return exitCode;
    }

    private static async Task<int> RunAsync(DeployCommand command, string folder, CancellationToken interrupted)
    {
        var rows = new List<DeployRow>();
        try
        {
            foreach (var scenario in command.Scenarios)
            {
                await Console.Error.WriteLineAsync($"{scenario.Id}: {scenario.Title} ...");
                rows.AddRange(await RunAsync(scenario, command, folder, interrupted));
            }
        }
        catch (Exception error) when (interrupted.IsCancellationRequested && error is OperationCanceledException or DemoException)
        {
            await Console.Error.WriteLineAsync("Interrupted; all processes are ended.");
            return Failure;
        }
        catch (DemoException error)
        {
            await Console.Error.WriteLineAsync($"The suite failed: {error.Message}");
            return Failure;
        }

        DeployTable.Write(Console.Out, rows, command.Times);
        if (command.JsonFile is { } path)
        {
            await using var file = File.Create(path);
            await JsonSerializer.SerializeAsync(file, rows, Json, CancellationToken.None);
        }

        return command.Gate ? Judge(rows) : Success;
    }

    /// <summary>All contenders at the same time, with processes of their own.</summary>
    private static async Task<DeployRow[]> RunAsync(
        DeployScenario scenario, DeployCommand command, string folder, CancellationToken interrupted)
    {
        var ports = FreePorts.Find(DeployFleet.Ports * command.Contenders.Count);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(interrupted);
        using var barrier = new Rendezvous(command.Contenders.Count);
        var fleets = command.Contenders
            .Select(contender => new DeployFleet(
                scenario, command.Times, contender, Path.Combine(folder, scenario.Id, contender.Name),
                    new Queue<int>(Take(ports, DeployFleet.Ports))))
            .ToArray();
        await using var ending = interrupted.Register(() => Array.ForEach(fleets, fleet => fleet.ExpectEnd()));
        try
        {
            var runs = command.Contenders.Zip(fleets, async (contender, fleet) =>
            {
                try
                {
                    return await new DeployRun(scenario, contender, command.Times, fleet).RunAsync(
                        () => barrier.ArriveAsync(cancellation.Token), cancellation.Token);
                }
                catch
                {
                    // The other one would wait for it.
                    await cancellation.CancelAsync();
                    throw;
                }
            }).ToArray();
            var rows = await AllAsync(runs);
            foreach (var (row, fleet) in rows.Zip(fleets))
            {
                foreach (var line in row.Details.Concat(fleet.Crashes.Select(crash => $"crashed: {crash}")))
                {
                    await Console.Error.WriteLineAsync($"  {row.Contender}: {line}");
                }
            }

            return rows;
        }
        finally
        {
            Array.ForEach(fleets, fleet => fleet.Dispose());
        }
    }

    /// <summary>The reason of a failure is that of the first who failed, not that the others were then cancelled.</summary>
    private static async Task<DeployRow[]> AllAsync(Task<DeployRow>[] runs)
    {
        var all = Task.WhenAll(runs);
        await all.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        if (all.Exception?.InnerExceptions.OfType<DemoException>().FirstOrDefault() is { } reason)
        {
            throw new DemoException(reason.Message);
        }

        return await all;
    }

    private static int Judge(IReadOnlyList<DeployRow> rows)
    {
        var missed = DeployGates.Check(rows);
        Console.WriteLine();
        Console.WriteLine(missed.Count == 0 ? "Gates: all kept." : "Gates missed:");
        foreach (var line in missed)
        {
            Console.WriteLine($"  {line}");
        }

        return missed.Count == 0 ? Success : Failure;
    }

    private static IEnumerable<int> Take(Queue<int> ports, int count) => [.. Enumerable.Range(0, count).Select(_ => ports.Dequeue())];
}
