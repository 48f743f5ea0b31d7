using System.Diagnostics;
using System.Globalization;
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
foreach (var r in results.Rows)
{
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{r.Scenario,-10} {r.Window,-8} {r.Policy,-16} {r.Seed,6} p50 {r.P50,7:0.0} p99 {r.P99,7:0.0} p999 {r.P999,7:0.0} x{r.P99 / r.OracleP99,5:0.00} err {r.Errors,8:0.000%} amp {r.Amplification,5:0.000} good {r.Goodput:0.000}"));
}
Console.Error.WriteLine($"{watch.Elapsed.TotalSeconds:0.0} s");
if (command.JsonFile is { } path)
{
    await ResultFile.WriteAsync(path, results.Rows);
}

return 0;
