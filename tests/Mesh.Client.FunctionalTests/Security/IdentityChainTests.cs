using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Claims;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>Three applications in a row that authenticate the user each by itself, on a user's one request.</summary>
public sealed class IdentityChainTests(Issuer issuer) : IClassFixture<Issuer>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Three_hops_see_the_user_and_their_caller_in_one_trace_with_less_time_each()
    {
        using var activity = new Activity("checkout").Start();

        var hops = (await AskAsync("storefront orders payments")).Select(hop => hop.Split('|')).ToArray();

        Assert.Equal(["storefront alice kiosk", "orders alice storefront", "payments alice orders"], hops.Select(hop => hop[0]));
        Assert.All(hops, hop => Assert.Equal(activity.TraceId.ToHexString(), hop[1]));
        var left = hops.Select(hop => double.Parse(hop[2], CultureInfo.InvariantCulture)).Prepend(40_000).ToArray();
        Assert.All(left.Zip(left.Skip(1)), pair => Assert.InRange(pair.Second, 1, pair.First - 1));
    }

    [Fact]
    public async Task Three_hops_end_where_the_user_may_not_be_seen()
    {
        var hops = await AskAsync("storefront orders");

        Assert.Equal(["storefront alice kiosk", "orders alice storefront", "WrongAudience"], hops.Select(hop => hop.Split('|')[0]));
    }

    private async Task<string[]> AskAsync(string audiences)
    {
        await using var payments = await StartAsync("payments", next: null, null);
        await using var orders = await StartAsync("orders", "payments", payments);
        await using var storefront = await StartAsync("storefront", "orders", orders);
        await using var kiosk = new MeshApplication(
            Settings.Service("storefront", storefront.Url).With("Service:Name", "kiosk").With("Defaults:Timeout", "00:00:40"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://storefront/");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await issuer.TokenAsync("alice", audiences));
        using var response = await kiosk.Client().SendAsync(request, Token);
        return (await response.Content.ReadAsStringAsync(Token)).Split('\n');
    }

    private Task<MeshServer> StartAsync(string name, string? next, MeshServer? endpoint) => MeshServer.StartAsync(
        name,
        application => application.MapGet("/", async (ClaimsPrincipal user, IHttpClientFactory clients, CancellationToken token) =>
        {
            var left = MeshContext.Remaining!.Value.TotalMilliseconds.ToString(CultureInfo.InvariantCulture);
            var line = $"{name} {user.FindFirstValue("sub")} {MeshContext.Caller!.Name}|{Activity.Current!.TraceId}|{left}";
            return next is null ? line : line + "\n" + await AskNextAsync(clients.CreateClient(), next, token);
        }).RequireAuthorization(),
        settings: (next is null ? new Settings() : Settings.Service(next, endpoint!.Url)
            .With($"Services:{next}:Credentials:Mode", "Propagate")).With("Defaults:Timeout", "00:00:40"),
        services: services =>
        {
            issuer.Authenticate(services);
            services.PostConfigure<JwtBearerOptions>(
                JwtBearerDefaults.AuthenticationScheme, bearer => bearer.TokenValidationParameters.ValidAudience = name);

            // As in any application with a log: without one, ASP.NET Core takes no part in traces.
            services.AddLogging(logging => logging.AddFakeLogging());
        });

    private static async Task<string> AskNextAsync(HttpClient client, string next, CancellationToken token)
    {
        try
        {
            return await client.GetStringAsync(new Uri($"http://{next}/"), token);
        }
        catch (TokenException exception)
        {
            return exception.Reason.ToString();
        }
    }
}
