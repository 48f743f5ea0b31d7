using Identity.Display;
using Identity.Issuer;
using Identity.Leaks;

namespace Identity;

/// <summary>The demo from the command line to the exit code.</summary>
internal static class Demo
{
    private const int Success = 0;
    private const int Failure = 1;
    private const int WrongUsage = 2;
    private const string Naive = "--naive";

    private const string Usage = """
        Identity: a user's identity through a chain of services on the mesh, and five ways on which the token must not get out.

        dotnet run --project samples/Identity -- [--naive]

          --naive   the same with a handler that copies the Authorization header, in place of the mesh's propagation

        Exit code: 0 everything came out as it must (with --naive leaks are expected); 1 otherwise; 2 the command line is wrong.
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not ([] or [Naive]))
        {
            Console.WriteLine(Usage);
            return args is ["--help" or "-h" or "-?"] ? Success : WrongUsage;
        }

        using var interruption = new Interruption();
        var folder = Directory.CreateTempSubdirectory("identity-").FullName;
        var exitCode = await PlayAsync(args is [Naive], folder, interruption.Token);
        if (exitCode == Success)
        {
            Directory.Delete(folder, recursive: true);
        }

        return exitCode;
    }

    private static async Task<int> PlayAsync(bool naive, string folder, CancellationToken interrupted)
    {
        try
        {
            using var fleet = new Fleet(naive, folder);
            await using var ending = interrupted.Register(fleet.ExpectEnd);
            try
            {
                var good = await PlayAsync(fleet, interrupted);
                if (!good)
                {
                    LogTails.Print(fleet.All, fleet.Folder);
                }

                return good ? Success : Failure;
            }
            catch (Exception error) when (!interrupted.IsCancellationRequested && error is DemoException or HttpRequestException
                or OperationCanceledException)
            {
                await Console.Error.WriteLineAsync($"\nThe demo failed: {error.Message}");
                LogTails.Print(fleet.All, fleet.Folder);
                return Failure;
            }
        }
        catch (Exception error) when ((error is OperationCanceledException or DemoException or HttpRequestException)
            && interrupted.IsCancellationRequested)
        {
            Console.WriteLine($"\nInterrupted; all processes are ended, their logs are in {folder}.");
            return Failure;
        }
    }

    private static async Task<bool> PlayAsync(Fleet fleet, CancellationToken cancellation)
    {
        Console.WriteLine(fleet.Naive
            ? "A handler copies the Authorization header to every request. The mesh has no Credentials."
            : "Mesh: AddMesh(), Credentials with Mode Propagate and the Audience of the service that is called.");
        Console.WriteLine($"Starting {fleet.All.Count} processes; logs are in {fleet.Folder}.");
        await fleet.StartAsync(cancellation);
        using var login = new LogIn(fleet.Issuer.Address);
        var token = await login.GetTokenAsync(IssuerSettings.Audiences, cancellation);
        Console.WriteLine($"{IssuerSettings.User} has logged in at {fleet.Issuer.Address}; the token is for "
            + $"{string.Join(", ", IssuerSettings.Audiences)}.");

        await using var kiosk = new Kiosk(fleet, token);
        var journey = await kiosk.AskAsync(cancellation);
        var attempts = new List<LeakAttempt>();
        foreach (var plan in LeakPlans.All)
        {
            attempts.Add(await plan.TryAsync(fleet, kiosk, cancellation));
        }

        return Report.Print(journey, attempts, fleet.Naive) || fleet.Naive;
    }
}
