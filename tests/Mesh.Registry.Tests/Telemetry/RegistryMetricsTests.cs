using System.Diagnostics.Metrics;
using Mesh.Registry.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Registry.Tests.Telemetry;

public sealed class RegistryMetricsTests
{
    [Fact]
    public async Task Metrics_tell_what_is_registered_and_what_happened()
    {
        await using var server = await RegistryServer.StartAsync();
        await server.RegisterAsync("ORDERS", Samples.Json("a"));
        await server.RegisterAsync("ORDERS", Samples.Json("b", status: "DOWN"));
        await server.RegisterAsync("BILLING", Samples.Json("c", "BILLING"));
        await server.SendAsync("PUT", "/eureka/apps/ORDERS/a");
        await server.SendAsync("DELETE", "/eureka/apps/BILLING/c");

        var read = Read(server);

        Assert.Equal(1, read["mesh.registry.server.instances UP"]);
        Assert.Equal(1, read["mesh.registry.server.instances DOWN"]);
        Assert.Equal(0, read["mesh.registry.server.instances STARTING"]);
        Assert.Equal(1, read["mesh.registry.server.services"]);
        Assert.Equal(3, read["mesh.registry.server.registrations"]);
        Assert.Equal(1, read["mesh.registry.server.renewals"]);
        Assert.Equal(1, read["mesh.registry.server.departures cancelled"]);
        Assert.Equal(0, read["mesh.registry.server.departures expired"]);
        Assert.Equal(0, read["mesh.registry.server.self_preservation"]);
    }

    [Fact]
    public async Task Metrics_stand_in_the_documentation()
    {
        await using var server = await RegistryServer.StartAsync();
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Mesh.Client.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        var page = await File.ReadAllTextAsync(Path.Combine(folder, "docs", "registry.md"), TestContext.Current.CancellationToken);

        Assert.All(Names(server), name => Assert.Contains($"`{name}`", page, StringComparison.Ordinal));
    }

    private static List<string> Names(RegistryServer server)
    {
        List<string> names = [];
        using var listener = Listener(server, (instrument, _) => names.Add(instrument.Name));
        listener.Start();
        return names;
    }

    private static Dictionary<string, long> Read(RegistryServer server)
    {
        Dictionary<string, long> read = [];
        using var listener = Listener(server, static (instrument, listening) => listening.EnableMeasurementEvents(instrument));
        void Note(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            read[tags.Length == 0 ? instrument.Name : $"{instrument.Name} {tags[0].Value}"] = value;
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.Start();
        listener.RecordObservableInstruments();
        return read;
    }

    private static MeterListener Listener(RegistryServer server, Action<Instrument, MeterListener> published)
    {
        var factory = server.Services.GetRequiredService<IMeterFactory>();
        return new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                // Other tests run beside this one with registries of their own.
                if (instrument.Meter.Name == RegistryMetrics.MeterName && ReferenceEquals(instrument.Meter.Scope, factory))
                {
                    published(instrument, listener);
                }
            },
        };
    }
}
