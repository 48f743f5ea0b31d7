using Mesh.Client.Benchmarks;
using Mesh.Client.Benchmarks.Measuring;
using Mesh.Client.Benchmarks.Registry;
using Mesh.Client.Benchmarks.Results;

BenchmarkCommand command;
try
{
    command = BenchmarkCommand.Parse(args);
}
catch (ArgumentException exception)
{
    Console.Error.WriteLine(exception.Message);
    Console.Error.WriteLine(BenchmarkCommand.Usage);
    return 2;
}

if (command.Help)
{
    Console.WriteLine(BenchmarkCommand.Usage);
    return 0;
}

try
{
    if (command.IsRegistryChild)
    {
        ChildProcess.Answer(await RegistryMeter.MeasureAsync(command.Quick));
        return 0;
    }

    if (command.IsChangeChild)
    {
        ChildProcess.Answer(await ChangeMeter.MeasureAsync(command.Quick));
        return 0;
    }

    if (command.IsPublishChild)
    {
        ChildProcess.Answer(await PublishMeter.MeasureAsync(command.Quick));
        return 0;
    }

    if (command.IsChild)
    {
        ChildProcess.Answer(await SingleCase.MeasureAsync(command.Single, command.Size));
        return 0;
    }

    if (command.IsProfile)
    {
        var profile = await SingleCase.ProfileAsync(command.Single, command.Calls);
        Console.WriteLine($"{command.Single}: {profile.Bytes:0} B, {profile.CpuNs:0} ns CPU a call, without warm-up");
        return 0;
    }
}
catch (InvalidOperationException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}

var results = await Rounds.RunAsync(command);
var costs = AddedCost.From(results);
var comparisons = CostComparison.From(costs);
if (results.Cases.Any() || results.Failures.Count > 0)
{
    CostTable.Write(Console.Out, results, costs, comparisons);
}

var registry = command.IncludesRegistry ? await ChildProcess.AskAsync<RegistryFigures>(command.RegistryArguments) : null;
registry?.Write(Console.Out);
var change = command.IncludesChange ? await ChildProcess.AskAsync<ChangeFigures>(command.ChangeArguments) : null;
change?.Write(Console.Out);
var publish = command.IncludesPublish ? await ChildProcess.AskAsync<PublishFigures>(command.PublishArguments) : null;
publish?.Write(Console.Out);
if (command.JsonFile is { } path)
{
    await ResultFile.WriteAsync(path, AddedCost.ForPrograms(costs));
}

if (!command.Gate)
{
    return results.Failures.Count == 0 ? 0 : 1;
}

List<string> missed =
[
    .. registry?.Missed(command.Size.BudgetSlack) ?? [],
    .. change?.Missed(command.Size.BudgetSlack) ?? [],
    .. publish?.Missed(command.Size.BudgetSlack) ?? [],
    .. (registry is not null || change is not null || publish is not null) && !results.Cases.Any()
        ? []
        : CostGates.Check(costs, comparisons, command.Size),
];
Console.WriteLine(missed.Count == 0 ? "Gates: all kept." : "Gates missed:");
foreach (var line in missed)
{
    Console.WriteLine($"  {line}");
}

return missed.Count == 0 && results.Failures.Count == 0 ? 0 : 1;
