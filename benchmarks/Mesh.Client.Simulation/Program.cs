using System.Diagnostics;
using Mesh.Client.Simulation;
using Mesh.Client.Simulation.Results;

SimulationCommand command;
try
{
    command = SimulationCommand.Parse(args);
}
catch (ArgumentException exception)
{
    Console.Error.WriteLine(exception.Message);
    Console.Error.WriteLine(SimulationCommand.Usage);
    return 2;
}

var watch = Stopwatch.StartNew();
var results = SimulationRuns.RunAll(command.Scenarios, command.Policies, command.Seeds, run =>
{
    if (command.Trace)
    {
        Console.Error.WriteLine($"{run.Scenario.Id,-10} {run.Policy,-16} {run.Seed,6} {run.Hash:x16}");
    }
});
Console.WriteLine($"Means over the seeds {string.Join(", ", command.Seeds)}.");
ResultTables.Write(Console.Out, results, command.Scenarios);
GateTable.Write(Console.Out, results, command.HeldOut);
Console.Error.WriteLine($"{watch.Elapsed.TotalSeconds:0} s");
if (command.JsonFile is { } path)
{
    await ResultFile.WriteAsync(path, results.Rows);
}

if (!command.Gate)
{
    return 0;
}

var missed = GateTable.Missed(results, command.HeldOut);
Console.WriteLine();
Console.WriteLine(missed.Count == 0 ? "Adaptive keeps what it is known to keep." : $"Adaptive misses: {string.Join(", ", missed)}");
return missed.Count == 0 ? 0 : 1;
