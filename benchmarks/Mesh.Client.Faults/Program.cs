using Mesh.Client.Faults;
using Mesh.Client.Faults.Deploy;
using Mesh.Client.Faults.Deploy.Roles;
using Mesh.Client.Faults.Results;
using Mesh.Client.Faults.Scenarios;
using Samples.Processes;

switch (args)
{
    // A process that the suite of deployments has started.
    case [ServiceProcess.RoleArgument, var role, .. var rest]:
        await Role.RunAsync(role, rest);
        return 0;
    case [DeployCommand.Name, ..]:
        return await DeploySuite.RunAsync(args);
}

FaultsCommand command;
try
{
    command = FaultsCommand.Parse(args);
}
catch (ArgumentException exception)
{
    Console.Error.WriteLine(exception.Message);
    Console.Error.WriteLine(FaultsCommand.Usage);
    return 2;
}

if (command.Help)
{
    Console.WriteLine(FaultsCommand.Usage);
    return 0;
}

var rows = new List<ResultRow>();
foreach (var scenario in command.Scenarios)
{
    foreach (var contender in command.ContendersOf(scenario))
    {
        Console.Error.WriteLine($"{scenario.Id} {contender.Name} ...");
        var row = await ScenarioRunner.RunAsync(scenario, contender, command.DurationOf(scenario));
        rows.Add(row);
        if (row.Failures.Length > 0)
        {
            Console.Error.WriteLine($"  failed: {row.Failures}");
        }
    }
}

ResultTable.Write(Console.Out, rows, command.DurationOf);
if (command.JsonFile is { } path)
{
    await ResultFile.WriteAsync(path, rows);
}

if (!command.Gate)
{
    return 0;
}

var missed = Gates.Check(rows);
Console.WriteLine();
Console.WriteLine(missed.Count == 0 ? "Gates: all kept." : "Gates missed:");
foreach (var line in missed)
{
    Console.WriteLine($"  {line}");
}

return missed.Count == 0 ? 0 : 1;
