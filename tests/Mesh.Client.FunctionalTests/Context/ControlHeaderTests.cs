using System.Net;
using Mesh.Client.FunctionalTests.Servers;
using Mesh.Client.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Context;

/// <summary>T38: what a stranger says about attempt, criticality, labels and faults is not believed by anybody.</summary>
public sealed class ControlHeaderTests
{
    private static readonly (string Name, string Value)[] Control =
    [
        ("mesh-attempt", "3"),
        ("mesh-criticality", "critical-plus"),
        ("mesh-label-tenant", "acme"),
        ("Mesh-Label-Lane", "blue"),
        ("mesh-fault", "abort=503"),
        ("mesh-load", "rif=0"),
        ("mesh-anything", "1"),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stranger_is_answered_as_if_it_had_said_nothing_and_nothing_is_forwarded()
    {
        await using var backend = await MeshServer.StartAsync("backend", Tell);
        await using var server = await StartAsync(development: false, Settings.Service("backend", backend.Url));

        var plain = await CallAsync(server);
        var hostile = await CallAsync(server, Control);

        Assert.Equal(plain, hostile);
        Assert.Equal("1 Critical  []\n1 Critical  [mesh-caller,mesh-deadline]", hostile);
    }

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, "127.0.0.0/8")]
    [InlineData(false, "127.0.0.1")]
    [InlineData(false, "::ffff:127.0.0.0/104")]
    public async Task Trusted_caller_is_believed(bool development, string? network)
    {
        await using var backend = await MeshServer.StartAsync("backend", Tell);
        var settings = Settings.Service("backend", backend.Url);
        if (network is not null)
        {
            settings.With("Inbound:TrustedNetworks:0", network);
        }

        await using var server = await StartAsync(development, settings);

        var answer = (await CallAsync(server, Control)).Split('\n');

        Assert.StartsWith("3 CriticalPlus lane=blue,tenant=acme [", answer[0], StringComparison.Ordinal);

        // The attempt is the caller's own; it does not travel on.
        Assert.Equal("1 CriticalPlus lane=blue,tenant=acme "
            + "[mesh-caller,mesh-criticality,mesh-deadline,mesh-label-lane,mesh-label-tenant]", answer[1]);
    }

    [Theory]
    [InlineData("critical-plus", Criticality.Critical)]
    [InlineData("critical", Criticality.Critical)]
    [InlineData("sheddable-plus", Criticality.SheddablePlus)]
    [InlineData("sheddable", Criticality.Sheddable)]
    [InlineData("SHEDDABLE", Criticality.Critical)]
    public async Task Stranger_may_only_lower_the_criticality(string value, Criticality expected)
    {
        await using var server = await MeshServer.StartAsync("orders", Tell, development: false);
        Assert.StartsWith($"1 {expected} ", await CallAsync(server, ("mesh-criticality", value)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Malformed_oversized_and_duplicate_values_are_dropped_also_from_trusted_callers()
    {
        await using var server = await MeshServer.StartAsync("orders", Tell);
        (string, string)[] bad =
        [
            ("mesh-attempt", "-1"),
            ("mesh-criticality", "very"),
            ("mesh-caller", "<b>"),
            ("mesh-deadline", "soon"),
            ("mesh-label-big", new string('x', 1025)),
            ("mesh-label-twice", "a"),
            ("mesh-label-twice", "b"),
            ("mesh-label-space", "a b"),
            ("mesh-label-under_score", "a"),
            ("mesh-label-", "a"),
            ("mesh-label-good", "yes"),
        ];

        Assert.Equal("1 Critical good=yes [mesh-label-good]", await CallAsync(server, bad));
    }

    [Fact]
    public async Task More_than_16_labels_are_dropped()
    {
        await using var server = await MeshServer.StartAsync(
            "orders", context => context.Response.WriteAsync($"{MeshContext.Labels.Count}"));
        Assert.Equal("16", await CallAsync(server, [.. Enumerable.Range(0, 40).Select(i => ($"mesh-label-l{i}", "v"))]));
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.1.2.3", true)]
    [InlineData("10.0.0.0/8", "::ffff:10.1.2.3", true)]
    [InlineData("::ffff:10.0.0.0/104", "10.1.2.3", true)]
    [InlineData("10.0.0.0/8", "11.1.2.3", false)]
    [InlineData("fd00::/8", "fd12::1", true)]
    [InlineData("fd00::/8", "fe80::1", false)]
    [InlineData("10.0.0.7", "10.0.0.7", true)]
    [InlineData("10.0.0.7", "10.0.0.8", false)]
    [InlineData("0.0.0.0/0", "::1", false)]
    [InlineData("::/0", "10.0.0.1", false)]
    public void Networks_of_both_families(string network, string address, bool expected) =>
        Assert.Equal(expected, new TrustedNetworks([network]).Contains(IPAddress.Parse(address)));

    [Theory]
    [InlineData("0.0.0.0/0", true)]
    [InlineData("0.0.0.0/1", true)]
    [InlineData("::/0", true)]
    [InlineData("::ffff:0.0.0.0/96", true)]
    [InlineData("2000::/3", true)]
    [InlineData("10.0.0.0/8", false)]
    [InlineData("fc00::/7", false)]
    [InlineData("10.0.0.7", false)]
    public void Networks_that_hold_strangers_in_any_case(string network, bool expected) =>
        Assert.Equal(expected, TrustedNetworks.IsVast(network));

    [Fact]
    public void Networks_do_not_hold_an_unknown_address() => Assert.False(new TrustedNetworks(["0.0.0.0/0"]).Contains(null));

    /// <summary>Tells what it believes, and which headers of the mesh it sees; then asks its backend the same.</summary>
    private static Task<MeshServer> StartAsync(bool development, Settings settings) => MeshServer.StartAsync(
        "orders",
        application => application.MapGet("/", async (HttpContext context, IHttpClientFactory clients, CancellationToken token) =>
            Describe(context) + "\n" + await clients.CreateClient().GetStringAsync(new Uri("http://backend/"), token)),
        development,
        settings);

    private static Task Tell(HttpContext context) => context.Response.WriteAsync(Describe(context));

    private static string Describe(HttpContext context) =>
        $"{MeshContext.Attempt} {MeshContext.Criticality} {string.Join(",", MeshContext.Labels.Select(l => $"{l.Key}={l.Value}").Order())} "
        + $"[{string.Join(",", context.Request.Headers.Keys.Where(k => k.StartsWith("mesh-", StringComparison.OrdinalIgnoreCase)).Select(k => k.ToLowerInvariant()).Order())}]";

    private static async Task<string> CallAsync(MeshServer server, params (string Name, string Value)[] headers)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Url);
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var response = await http.SendAsync(request, Token);
        return await response.Content.ReadAsStringAsync(Token);
    }
}
