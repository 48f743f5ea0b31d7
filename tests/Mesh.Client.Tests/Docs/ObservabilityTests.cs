using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Mesh.Client.Inbound;
using Mesh.Client.Model;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Docs;

/// <summary>Holds the dashboard and the alert rules against what the code emits, by the names that Prometheus gives to it.</summary>
public sealed partial class ObservabilityTests : IDisposable
{
    private static readonly string Folder = Path.Combine(Repository.Root, "docs", "observability");

    private readonly MeshFixture _mesh = new();
    private readonly MeterListener _listener = new();
    private readonly HashSet<string> _metrics = [];
    private readonly HashSet<string> _labels =
    [
        .. typeof(MeshTags).GetFields(BindingFlags.Static | BindingFlags.Public).Select(
            field => ((string)field.GetRawConstantValue()!).Replace('.', '_')),
        // Of OpenTelemetry's resource, and of histograms.
        "job", "instance", "le",
    ];

    public ObservabilityTests()
    {
        _ = _mesh.Directory;
        _ = _mesh.Provider.GetRequiredService<ServerMetrics>();
        var own = _mesh.Provider.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Scope == own && instrument.Meter.Name == MeshTelemetry.MeterName)
            {
                _metrics.UnionWith(NamesOf(instrument));
            }
        };
        _listener.Start();
    }

    public static TheoryData<string> Files => ["dashboard.json", "alerts.yaml", "alerts.test.yaml"];

    public void Dispose()
    {
        _listener.Dispose();
        _mesh.Dispose();
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_metric_is_one_that_the_code_emits(string file)
    {
        var used = Uses(file);
        Assert.NotEmpty(used);
        Assert.All(used, name => Assert.Contains(name, _metrics));
    }

    [Fact]
    public void Every_metric_that_the_code_emits_is_on_the_dashboard()
    {
        var used = Uses("dashboard.json").Select(Base).ToHashSet();
        Assert.All(_metrics.Select(Base), name => Assert.Contains(name, used));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_label_is_a_tag_of_the_code(string file)
    {
        var labels = Matchers(file).Select(matcher => matcher.Label)
            .Concat(Groupings().Matches(Text(file)).SelectMany(match => match.Groups[1].Value.Split(", ")))
            .ToList();
        Assert.NotEmpty(labels);
        Assert.All(labels, label => Assert.Contains(label, _labels));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_outcome_and_state_is_one_of_the_code(string file)
    {
        string[] outcomes =
        [
            .. Enum.GetValues<CallOutcome>().Select(outcome => outcome.Name()),
            .. ServerOutcome.All.Select(outcome => outcome.Name),
        ];
        string[] states = ["healthy", "standby", "ejected", "draining", "refused", "none", "starting", "up", "down"];
        var matchers = Matchers(file).ToList();

        Assert.All(
            matchers.Where(m => m.Label == "mesh_outcome").SelectMany(m => m.Value.Split('|')), value => Assert.Contains(value, outcomes));
        Assert.All(matchers.Where(m => m.Label == "state").SelectMany(m => m.Value.Split('|')), value => Assert.Contains(value, states));
        Assert.All(
            matchers.Where(m => m.Label == "mesh_attempt_reason").SelectMany(m => m.Value.Split('|')),
            value => Assert.Contains(value, new[] { "first", "retry" }));
    }

    [Fact]
    public void Every_alert_is_tested_in_both_directions()
    {
        var alerts = Regex.Matches(Text("alerts.yaml"), @"- alert: (\w+)").Select(match => match.Groups[1].Value).ToList();
        var tests = Text("alerts.test.yaml");

        Assert.NotEmpty(alerts);
        Assert.All(alerts, alert =>
        {
            Assert.Matches($@"alertname: {alert}\s+exp_alerts:", tests);
            Assert.Matches($@"alertname: {alert}( \}}|\n      -|\n\n)", tests);
        });
    }

    private static string Text(string file)
    {
        var text = File.ReadAllText(Path.Combine(Folder, file));
        if (!file.EndsWith(".json", StringComparison.Ordinal))
        {
            return text;
        }

        using var dashboard = JsonDocument.Parse(text);
        return string.Join('\n', dashboard.RootElement.GetProperty("panels").EnumerateArray()
            .Where(panel => panel.TryGetProperty("targets", out _))
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
            .Select(target => target.GetProperty("expr").GetString())
            .Concat(dashboard.RootElement.GetProperty("templating").GetProperty("list").EnumerateArray()
                .Where(variable => variable.TryGetProperty("definition", out _))
                .Select(variable => variable.GetProperty("definition").GetString())));
    }

    private HashSet<string> Uses(string file) =>
        [.. MeshNames().Matches(Text(file)).Select(match => match.Value).Where(name => !_labels.Contains(name))];

    private static IEnumerable<(string Label, string Value)> Matchers(string file) =>
        LabelMatchers().Matches(Text(file)).Select(match => (match.Groups[1].Value, match.Groups[2].Value));

    /// <summary>As the OpenTelemetry specification translates to Prometheus.</summary>
    private static IEnumerable<string> NamesOf(Instrument instrument)
    {
        var name = instrument.Name.Replace('.', '_') + (instrument.Unit == "s" ? "_seconds" : string.Empty);
        var kind = instrument.GetType().Name;
        return kind.StartsWith("Histogram", StringComparison.Ordinal) ? [name + "_bucket", name + "_sum", name + "_count"]
            : kind.StartsWith("Counter", StringComparison.Ordinal) || kind.StartsWith(
                "ObservableCounter", StringComparison.Ordinal) ? [name + "_total"]
            : [name];
    }

    private static string Base(string name) => Regex.Replace(name, "_(bucket|sum|count)$", string.Empty);

    [GeneratedRegex(@"\bmesh_[a-z_]+\b")]
    private static partial Regex MeshNames();

    [GeneratedRegex("""\b([a-z_]+)(?:=~|!~|!=|=)"([^"]*)"[,}]""")]
    private static partial Regex LabelMatchers();

    [GeneratedRegex(@"\b(?:by|on) \(([a-z_, ]+)\)")]
    private static partial Regex Groupings();
}
