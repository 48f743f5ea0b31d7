using System.Net.Sockets;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Mesh.Registry.Server;

/// <summary>Runs a registry by itself until it is told to stop.</summary>
internal static class RegistryProgram
{
    public const int Ended = 0;
    public const int Failed = 1;
    public const int Misused = 2;

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, CancellationToken stop)
    {
        if (!ServerArguments.TryParse(args, out var arguments, out var problem))
        {
            await error.WriteLineAsync($"mesh-registry: {problem} mesh-registry --help lists what there is.").ConfigureAwait(false);
            return Misused;
        }

        if (arguments.ShowHelp || arguments.ShowVersion)
        {
            await output.WriteLineAsync(arguments.ShowHelp ? ServerHelp.Text : Version).ConfigureAwait(false);
            return Ended;
        }

        try
        {
            var app = Build(arguments);
            await using (app.ConfigureAwait(false))
            {
                await app.StartAsync(stop).ConfigureAwait(false);
                foreach (var url in app.Urls)
                {
                    await output.WriteLineAsync(ListeningNotice.For(url, Environment.MachineName)).ConfigureAwait(false);
                }

                await app.WaitForShutdownAsync(stop).ConfigureAwait(false);
            }

            return Ended;
        }
        catch (OptionsValidationException invalid)
        {
            foreach (var failure in invalid.Failures)
            {
                await error.WriteLineAsync($"mesh-registry: {failure}").ConfigureAwait(false);
            }

            return Misused;
        }
        catch (InvalidOperationException invalid)
        {
            // A key or value of the configuration that cannot be bound; the inner message names the value.
            await error.WriteLineAsync(
                $"mesh-registry: {invalid.Message} {invalid.InnerException?.Message}".TrimEnd()).ConfigureAwait(false);
            return Misused;
        }
        catch (IOException busy)
        {
            await error.WriteLineAsync($"mesh-registry: {busy.Message} Choose another with --port, or 0 for a free "
                + "one.").ConfigureAwait(false);
            return Failed;
        }
        catch (SocketException refused)
        {
            // An address that this machine does not have, or a port that this user may not open.
            await error.WriteLineAsync($"mesh-registry: cannot listen on {arguments.Bind}:{arguments.Port}: "
                + $"{refused.Message}.").ConfigureAwait(false);
            return Failed;
        }
    }

    private static string Version =>
        typeof(RegistryProgram).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    private static WebApplication Build(ServerArguments arguments)
    {
        // The program's arguments take precedence over settings files and the environment.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(arguments.Settings);

        // The lowest precedence: one line per heartbeat is too much by default, but it can be switched on.
        builder.Configuration.Sources.Insert(
            0,
            new MemoryConfigurationSource
            {
                InitialData = [KeyValuePair.Create<string, string?>("Logging:LogLevel:Microsoft.AspNetCore", "Warning")],
            });
        // "localhost" has two addresses, and a free port for both cannot be requested.
        var host = arguments is { Port: 0, Bind: "localhost" } ? "127.0.0.1" : arguments.Bind;
        builder.WebHost.UseUrls($"http://{host}:{arguments.Port}");
        builder.Services.AddMeshRegistry();
        var app = builder.Build();
        app.MapMeshRegistry();
        return app;
    }
}
