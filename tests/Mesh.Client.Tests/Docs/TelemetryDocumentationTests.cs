using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.RegularExpressions;
using Mesh.Client.Inbound;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Docs;

/// <summary>Holds the pages against the instruments, tags, outcomes and log events of the code.</summary>
public sealed class TelemetryDocumentationTests
{
    private readonly string _page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "telemetry.md"));

    [Fact]
    public void Every_instrument_is_named_with_its_unit()
    {
        var instruments = new List<Instrument>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == MeshTelemetry.MeterName && instrument.Name.StartsWith("mesh.", StringComparison.Ordinal))
            {
                lock (instruments)
                {
                    instruments.Add(instrument);
                }
            }
        };
        listener.Start();
        using var mesh = new MeshFixture();
        _ = mesh.Directory;
        _ = mesh.Provider.GetRequiredService<ServerMetrics>();

        lock (instruments)
        {
            Assert.Contains(instruments, instrument => instrument.Name == "mesh.config.generation");
            Assert.All(instruments, instrument =>
                Assert.Matches($@"\| `{Regex.Escape(instrument.Name)}` \| [a-z -]+ \| {Regex.Escape(instrument.Unit is { } unit ? $"`{unit}`" : "none")} \|", _page));
        }
    }

    [Fact]
    public void Every_tag_is_named() =>
        Assert.All(
            typeof(MeshTags).GetFields(BindingFlags.Static | BindingFlags.Public).Select(field => (string)field.GetRawConstantValue()!),
            tag => Assert.Contains($"`{tag}`", _page, StringComparison.Ordinal));

    [Fact]
    public void Every_outcome_is_explained()
    {
        var resilience = File.ReadAllText(Path.Combine(Repository.Root, "docs", "resilience.md"));
        foreach (var outcome in Enum.GetValues<CallOutcome>())
        {
            Assert.Contains($"`{outcome.Name()}`", _page, StringComparison.Ordinal);
            Assert.Contains($"`{outcome.Name()}`", resilience, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_outcome_of_a_server_is_explained() =>
        Assert.All(ServerOutcome.All, outcome => Assert.Contains($"`{outcome.Name}`", _page, StringComparison.Ordinal));

    [Fact]
    public void Every_outcome_has_its_flag_in_the_table()
    {
        foreach (var outcome in Enum.GetValues<CallOutcome>())
        {
            Assert.Matches($@"\|[^|\n]*`{outcome.Name()}`[^|\n]*\| `{ResponseFlags.Of(outcome)}` \|", _page);
        }
    }

    [Fact]
    public void Every_log_event_of_the_client_is_on_a_page()
    {
        var pages = string.Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md").Select(File.ReadAllText));
        var events = typeof(MeshOptions).Assembly.GetTypes()
            .SelectMany(
                type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>())
            .OfType<LoggerMessageAttribute>()
            .ToList();

        Assert.NotEmpty(events);
        Assert.All(events, logged => Assert.Matches($@"\|[^|\n]*\b{logged.EventId}\b[^|\n]*\|[^|\n]*`{logged.EventName}`", pages));
    }
}
