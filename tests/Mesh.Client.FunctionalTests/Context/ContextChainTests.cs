using System.Globalization;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Context;

/// <summary>Three applications in a row: what one says reaches the next, and the time gets less.</summary>
public sealed class ContextChainTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Three_hops_see_caller_labels_and_criticality_and_a_shrinking_deadline()
    {
        await using var payments = await MeshServer.StartAsync("payments", Hop(next: null));
        await using var orders = await MeshServer.StartAsync(
            "orders", Hop("payments"), settings: Settings.Service("payments", payments.Url).With("Service:Version", "2.1"));
        await using var storefront = await MeshServer.StartAsync(
            "storefront", Hop("orders"), settings: Settings.Service("orders", orders.Url));
        await using var client = new MeshApplication(
            Settings.Service("storefront", storefront.Url).With("Service:Name", "kiosk").With("Defaults:Timeout", "00:00:50"));

        string[] hops;
        using (MeshContext.Begin(new MeshContextValues
        {
            Criticality = Criticality.CriticalPlus,
            Labels = new Dictionary<string, string> { ["tenant"] = "acme" },
        }))
        {
            hops = (await client.Client().GetStringAsync(new Uri("http://storefront/"), Token)).Split('\n');
        }

        Assert.Equal(
            ["kiosk - acme CriticalPlus", "storefront - acme CriticalPlus", "orders 2.1 acme CriticalPlus"],
            hops.Select(hop => hop.Split('|')[0]));
        var left = hops.Select(hop => double.Parse(hop.Split('|')[1], CultureInfo.InvariantCulture)).ToArray();

        // The policy of each hop is 10 s, after that of the client; from there on each hop keeps 5 ms back.
        Assert.InRange(left[0], 10_001, 50_000);
        Assert.InRange(left[1], 1, 10_000);
        Assert.InRange(left[2], 1, left[1] - 5);
    }

    /// <summary>Tells what it knows of its caller, and adds what the next one knows.</summary>
    private static Action<WebApplication> Hop(string? next) => application =>
        application.MapGet("/", async (IHttpClientFactory clients, CancellationToken token) =>
    {
        var left = MeshContext.Remaining!.Value.TotalMilliseconds.ToString(CultureInfo.InvariantCulture);
        var line = $"{MeshContext.Caller!.Name} {MeshContext.Caller.Version ?? "-"} {MeshContext.Labels["tenant"]} "
            + $"{MeshContext.Criticality}|{left}";
        return next is null ? line : line + "\n" + await clients.CreateClient().GetStringAsync(new Uri($"http://{next}/"), token);
    });
}
