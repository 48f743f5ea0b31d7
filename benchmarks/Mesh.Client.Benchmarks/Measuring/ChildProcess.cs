using System.Diagnostics;
using System.Text.Json;

namespace Mesh.Client.Benchmarks.Measuring;

/// <summary>This program, started again for one case, so that no case runs on code that another one shaped.</summary>
internal static class ChildProcess
{
    /// <exception cref="InvalidOperationException">The case could not be measured; the message says why.</exception>
    public static Task<Measurement> MeasureAsync(BenchmarkCase benchmarkCase, bool quick) => AskAsync<Measurement>(
        [BenchmarkCommand.ChildOption, benchmarkCase.Stack, "--transport", benchmarkCase.Transport, "--uri", benchmarkCase.Uri, .. quick
            ? ["--quick"] : (string[])[]]);

    /// <param name="arguments">What the program is started with; it writes its answer.</param>
    /// <exception cref="InvalidOperationException">There is none; the message says why.</exception>
    public static async Task<T> AskAsync<T>(string[] arguments)
    {
        using var process = Process.Start(Describe(arguments)) ?? throw new InvalidOperationException(
            "The program could not start itself.");
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<T>(await output)!
            : throw new InvalidOperationException((await errors).Trim());
    }

    public static void Answer<T>(T measured) => Console.WriteLine(JsonSerializer.Serialize(measured));

    private static ProcessStartInfo Describe(string[] arguments)
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("The path of the running program is unknown.");
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            start.ArgumentList.Add(typeof(ChildProcess).Assembly.Location);
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // The same for every stack, whatever the caller's environment holds. The last: on one core the
        // runtime waits ten times longer before it optimises.
        start.Environment["DOTNET_TieredCompilation"] = "1";
        start.Environment["DOTNET_TieredPGO"] = "1";
        start.Environment["DOTNET_TC_DelaySingleProcMultiplier"] = "1";
        return start;
    }
}
