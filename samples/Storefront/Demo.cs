using Storefront.Display;
using Storefront.Processes;

namespace Storefront;

/// <summary>The demo from the command line to the exit code.</summary>
internal static class Demo
{
    private const int Success = 0;
    private const int Failure = 1;
    private const int WrongUsage = 2;

    public static async Task<int> RunAsync(string[] args)
    {
        if (DemoOptions.Parse(args, out var error) is not { } options)
        {
            await Console.Error.WriteLineAsync($"{error}\n\n{DemoOptions.Usage}");
            return WrongUsage;
        }

        if (options.Help)
        {
            Console.WriteLine(DemoOptions.Usage);
            return Success;
        }

        using var interruption = new Interruption();
        var folder = Directory.CreateTempSubdirectory("storefront-").FullName;
        var exitCode = await PlayAsync(options, folder, interruption.Token);
        if (exitCode == Success && !options.Keep)
        {
            Directory.Delete(folder, recursive: true);
        }

        return exitCode;
    }

    private static async Task<int> PlayAsync(DemoOptions options, string folder, CancellationToken interrupted)
    {
        try
        {
            using var fleet = new Fleet(options.Stock, folder);
            await using var ending = interrupted.Register(fleet.ExpectEnd);
            try
            {
                var result = await new Performance(options, fleet).RunAsync(interrupted);
                Summary.Print(result, options.Stock);
                var good = options.Stock || result.Reasons().Count == 0;
                if (!good)
                {
                    LogTails.Print(fleet.All, fleet.Folder);
                }

                if (options.Keep)
                {
                    await KeepAsync(fleet, interrupted);
                }

                return good ? Success : Failure;
            }
            catch (DemoException error) when (!interrupted.IsCancellationRequested)
            {
                await Console.Error.WriteLineAsync($"\nThe demo failed: {error.Message}");
                LogTails.Print(fleet.All, fleet.Folder);
                return Failure;
            }
        }
        catch (Exception error) when ((error is OperationCanceledException or DemoException) && interrupted.IsCancellationRequested)
        {
            Console.WriteLine($"\nInterrupted; all processes are ended, their logs are in {folder}.");
            return Failure;
        }
    }

    private static async Task KeepAsync(Fleet fleet, CancellationToken interrupted)
    {
        Console.WriteLine();
        Console.WriteLine("Everything is left running; Ctrl-C ends it.");
        if (fleet.RegistryPage is { } page)
        {
            Console.WriteLine($"  registry page  {page}");
        }

        foreach (var service in fleet.Services)
        {
            Console.WriteLine($"  {service.Name,-13}  {service.Address}  pid {service.Pid}");
        }

        Console.WriteLine($"  try            curl {fleet.Storefront.Address}products/7");
        Console.WriteLine($"  logs, ledgers  {fleet.Folder}");
        await Task.Delay(Timeout.InfiniteTimeSpan, interrupted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
