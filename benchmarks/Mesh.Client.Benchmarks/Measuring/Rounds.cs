namespace Mesh.Client.Benchmarks.Measuring;

/// <summary>Measures all cases round by round, so that a change of the machine's mood meets all stacks alike.</summary>
internal static class Rounds
{
    public static async Task<RoundResults> RunAsync(BenchmarkCommand command)
    {
        var results = new RoundResults();
        for (var round = 1; round <= command.Size.Rounds; round++)
        {
            foreach (var benchmarkCase in command.Cases.Where(c => !results.HasFailed(c)))
            {
                try
                {
                    var measurement = await ChildProcess.MeasureAsync(benchmarkCase, command.Quick);
                    results.Add(benchmarkCase, measurement);
                    await Console.Error.WriteLineAsync(
                        $"round {round}/{command.Size.Rounds}  {benchmarkCase,-22} {measurement.Bytes,8:0} B {measurement.CpuNs,8:0} ns");
                }
                catch (InvalidOperationException exception)
                {
                    results.Fail(benchmarkCase, exception.Message);
                }
            }
        }

        return results;
    }
}
