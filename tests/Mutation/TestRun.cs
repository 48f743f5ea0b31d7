using System.Diagnostics;

namespace Mesh.Mutation;

/// <summary>Runs classes of the built tests in a process of their own.</summary>
internal sealed class TestRun(string tests)
{
    /// <summary>The result of a run that did not end in time.</summary>
    public const int TimedOut = -1;

    private readonly string _program = Path.Combine(tests, "Mesh.Client.Tests");

    /// <summary>The classes that have tests.</summary>
    public async Task<string[]> ClassesAsync()
    {
        var (_, output) = await RunAsync(["-list", "classes"], TimeSpan.FromMinutes(1), []);
        return [.. output.Split('\n', StringSplitOptions.TrimEntries).Where(static line => line.StartsWith("Mesh.", StringComparison.Ordinal))];
    }

    /// <summary>Runs them.</summary>
    /// <returns>The exit code, or <see cref="TimedOut"/>, and what was printed.</returns>
    public async Task<(int Code, string Output)> RunAsync(
        IEnumerable<string> arguments, TimeSpan limit, Dictionary<string, string> environment)
    {
        var info = new ProcessStartInfo(_program, arguments)
        {
            WorkingDirectory = tests,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in environment)
        {
            info.Environment[key] = value;
        }

        using var process = Process.Start(info)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var timer = new CancellationTokenSource(limit);
        try
        {
            await process.WaitForExitAsync(timer.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return (TimedOut, string.Empty);
        }

        await errors;
        return (process.ExitCode, await output);
    }
}
