using System.Net;
using Mesh.Registry.Page;
using Mesh.Registry.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Registry.Tests;

public sealed class RegistryPageTests
{
    [Fact]
    public async Task Page_with_instances_shows_what_an_operator_asks_for()
    {
        await using var server = await RegistryServer.StartAsync();
        await server.RegisterAsync("ORDERS", Samples.Json(metadata: """{"zone":"eu-1a","version":"2.1.0","tenant":"acme"}""", lease: 30));
        server.Time.Advance(TimeSpan.FromSeconds(10));
        await server.SendAsync("PUT", "/eureka/apps/ORDERS/a");
        server.Time.Advance(TimeSpan.FromSeconds(5));

        var page = await PageText.ReadAsync(server);

        Assert.Equal(
            ["1 service", "1 instance", "1 UP", "0 not UP, not called", "1 of 15 heartbeats due in the last minute"], page.All("li"));
        Assert.Equal(["ORDERS", "Last changes"], page.All("h2"));
        Assert.Equal("ORDERS 1 UP · zone eu-1a · version 2.1.0", Assert.Single(page.All("summary")));
        Assert.Equal(
            ["a http://127.0.0.1:5001", "UP", "eu-1a", "2.1.0", "5 s ago, lease 30 s", "registered 15 s ago", "tenant=acme mesh.ordinal=0"],
            page.Rows("services").Single());
        Assert.Equal(["15 s ago", "ORDERS / a", "registered as UP"], page.Rows("more").Single());
        Assert.Empty(page.Warnings);
    }

    [Fact]
    public async Task Page_shows_services_that_need_a_look_first()
    {
        await using var server = await RegistryServer.StartAsync();
        await server.RegisterAsync("A", Samples.Json("a", "A"));
        await server.RegisterAsync("B", Samples.Json("b1", "B", "DOWN"));
        await server.RegisterAsync("B", Samples.Json("b2", "B"));
        await server.RegisterAsync("C", Samples.Json("c", "C"));
        await server.RegisterAsync("D", Samples.Json("d", "D", lease: 1));
        server.Time.Advance(TimeSpan.FromSeconds(2));

        var page = await PageText.ReadAsync(server);

        Assert.Equal(["B", "D", "A", "C"], page.All("summary").Select(static summary => summary.Split(' ')[0]));
        Assert.Contains("""placeholder="service, instance, status, zone, version, metadata""", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_shows_instances_that_are_not_up_alone_by_a_link()
    {
        await using var server = await RegistryServer.StartAsync();
        await server.RegisterAsync("A", Samples.Json("a", "A"));
        await server.RegisterAsync("B", Samples.Json("b1", "B", "DOWN"));
        await server.RegisterAsync("B", Samples.Json("b2", "B"));

        Assert.Contains(
            "<a href=\"?show=not-up\">not UP, not called</a>", (await PageText.ReadAsync(server)).Markup, StringComparison.Ordinal);
        var page = await PageText.ReadAsync(server, "/?show=not-up");

        Assert.Equal("b1", Assert.Single(page.Rows("services"))[0].Split(' ')[0]);
        Assert.Contains("<a href=\"?\">All services</a>", page.Markup, StringComparison.Ordinal);
        Assert.Equal(3, (await PageText.ReadAsync(server, "/?show=%3Cscript%3E")).Rows("services").Length);
        Assert.DoesNotContain("?show=not-up", await PageOfOneThatIsUpAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_with_a_status_that_was_set_says_so()
    {
        await using var server = await RegistryServer.StartAsync();
        await server.RegisterAsync("ORDERS", Samples.Json());
        await server.SendAsync("PUT", "/eureka/apps/ORDERS/a/status?value=OUT_OF_SERVICE");

        var page = await PageText.ReadAsync(server);

        Assert.Equal("OUT_OF_SERVICE set by request", page.Rows("services").Single()[1]);
        Assert.Equal("now OUT_OF_SERVICE by request, was UP", page.Rows("more")[0][2]);
    }

    [Fact]
    public async Task Page_in_self_preservation_says_what_it_does_to_callers()
    {
        await using var server = await RegistryServer.StartAsync();
        await RegisterManyAsync(server, 20);
        server.Time.Advance(TimeSpan.FromSeconds(100));
        server.Services.GetRequiredService<RegistryStore>().EvictExpired();

        var warning = Assert.Single((await PageText.ReadAsync(server)).Warnings);

        Assert.Contains("Self-preservation is on", warning, StringComparison.Ordinal);
        Assert.Contains("0 heartbeats came in the last minute; 1200 were due, and 1020 is the least", warning, StringComparison.Ordinal);
        Assert.Contains("20 instances have run out of lease", warning, StringComparison.Ordinal);
        Assert.Contains("Effect: No instance is removed", warning, StringComparison.Ordinal);
        Assert.Contains("What to do: Check the network", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_with_expired_instances_says_when_they_leave()
    {
        await using var server = await RegistryServer.StartAsync(static options => options.SelfPreservation = false);
        await RegisterManyAsync(server, 20);
        server.Time.Advance(TimeSpan.FromSeconds(100));

        var page = await PageText.ReadAsync(server);

        var warning = Assert.Single(page.Warnings);
        Assert.Contains("20 instances out of lease", warning, StringComparison.Ordinal);
        Assert.Contains("one every 60 s, at most 3 at a time", warning, StringComparison.Ordinal);
        Assert.All(page.Rows("services"), static row => Assert.Equal("100 s ago, lease 90 s out of lease", row[4]));
    }

    [Fact]
    public async Task Page_nearly_full_says_what_happens_next()
    {
        await using var server = await RegistryServer.StartAsync(static options => options.MaxInstances = 10);
        await RegisterManyAsync(server, 10);

        Assert.Contains("new instances get 503", Assert.Single((await PageText.ReadAsync(server)).Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_without_its_peer_says_that_listings_are_refused_and_which_peer_is_away()
    {
        var peer = $"http://127.0.0.1:{RegistryNode.FreePorts(1)[0]}/eureka/";
        await using var server = await RegistryServer.StartAsync(
            options =>
            {
                options.Peers.Add(peer);
                options.PeerSyncWait = TimeSpan.FromHours(1);
            },
            services: services => services.AddSingleton<TimeProvider>(TimeProvider.System));

        var page = await PageText.ReadAsync(server);

        Assert.Equal(2, page.Warnings.Length);
        Assert.Contains("Listings are refused for now", page.Warnings[0], StringComparison.Ordinal);
        Assert.Contains(peer, page.Warnings[1], StringComparison.Ordinal);
        Assert.Equal([peer, "does not answer", "0 instances to be sent"], page.Rows("more").Single());
    }

    [Fact]
    public async Task Page_when_nobody_ever_registered_says_what_to_check()
    {
        await using var server = await RegistryServer.StartAsync();
        server.Time.Advance(TimeSpan.FromMinutes(3));

        var page = WebUtility.HtmlDecode(await server.PageAsync());

        Assert.Contains("none has registered since this registry started 3 min ago", page, StringComparison.Ordinal);
        Assert.Contains($"{server.Client.BaseAddress}eureka/", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_when_all_have_left_says_how()
    {
        await using var server = await RegistryServer.StartAsync();
        await server.RegisterAsync("ORDERS", Samples.Json("a"));
        await server.SendAsync("DELETE", "/eureka/apps/ORDERS/a");
        await server.RegisterAsync("ORDERS", Samples.Json("b", lease: 3));
        server.Time.Advance(TimeSpan.FromSeconds(4));
        server.Services.GetRequiredService<RegistryStore>().EvictExpired();

        var page = WebUtility.HtmlDecode(await server.PageAsync());

        Assert.Contains("2 registered, 1 deregistered, 1 removed because no heartbeat came within the "
            + "lease", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_with_markup_in_every_field_shows_it_as_text()
    {
        const string Attack = "<script>alert(1)</script>'\\\"><img src=x onerror=alert(1)>";
        await using var server = await RegistryServer.StartAsync();
        var (status, _) = await server.RegisterAsync(
            Uri.EscapeDataString("<SCRIPT>"),
            Samples.Json(
                Attack,
                "<script>",
                more: $",\"hostName\":\"{Attack}\",\"ipAddr\":\"{Attack}\",\"securePort\":{{\"$\":443,\"@enabled\":\"true\"}},\"homePageUrl\":\"javascript:alert(1)\"",
                metadata: $$"""{"zone":"{{Attack}}","version":"{{Attack}}","{{Attack}}":"{{Attack}}"}"""));
        Assert.Equal(204, status);

        using var response = await server.GetAsync("/?service=" + Uri.EscapeDataString("<script>alert(2)</script>"));
        var page = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        // One script, ours, under the number of this answer; none of theirs, and nothing of the query.
        var nonce = NonceIn(response);
        Assert.Equal(2, page.Split("<script").Length);
        Assert.Contains($"<script nonce=\"{nonce}\">", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("javascript:", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("alert(2)", page, StringComparison.Ordinal);
        Assert.True(page.Split("&lt;script&gt;alert(1)&lt;/script&gt;&#x27;&quot;&gt;&lt;img").Length > 7);
        Assert.DoesNotMatch("<[^>]*alert", page);
    }

    [Fact]
    public async Task Page_lets_run_only_what_carries_the_number_of_the_answer()
    {
        await using var server = await RegistryServer.StartAsync();
        using var first = await server.GetAsync("/");
        using var second = await server.GetAsync("/");

        var policy = first.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Equal(
            $"default-src 'none'; style-src 'nonce-{NonceIn(first)}'; script-src 'nonce-{NonceIn(first)}'; connect-src 'self'; img-src "
            + "data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            policy);
        Assert.NotEqual(NonceIn(first), NonceIn(second));
        var page = await first.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain(" style=", page, StringComparison.Ordinal);
        Assert.DoesNotMatch(" on[a-z]+=", page);
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_without_script_refreshes_itself_and_has_everything()
    {
        await using var server = await RegistryServer.StartAsync();

        var page = await server.PageAsync();

        Assert.Contains("<noscript><meta http-equiv=\"refresh\"", page, StringComparison.Ordinal);
        Assert.Contains("id=\"tools\" hidden", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_of_500_services_is_one_line_each_and_the_rest_is_one_step_away()
    {
        await using var server = await RegistryServer.StartAsync();
        var store = server.Services.GetRequiredService<RegistryStore>();
        for (var number = 0; number < 2_500; number++)
        {
            store.Register(Samples.Instance(server.Time, $"i{number}", $"APP{number % 500}"));
        }

        var page = await PageText.ReadAsync(server);
        Assert.Equal(500, page.All("summary").Length);
        Assert.Equal(ServiceList.MaxRows, page.Rows("services").Length);
        Assert.DoesNotContain("<details open", page.Markup, StringComparison.Ordinal);
        Assert.Contains("<a href=\"?service=APP99\">5 further instances</a>", page.Markup, StringComparison.Ordinal);

        var one = await PageText.ReadAsync(server, "/?service=APP99");
        Assert.Equal("APP99 5 UP", Assert.Single(one.All("summary")));
        Assert.Equal(5, one.Rows("services").Length);
    }

    [Theory]
    [InlineData("/registry", "/registry", "/")]
    [InlineData("", null, "/")]
    [InlineData(null, null, "/")]
    public async Task Page_path_decides_where_it_is(string? path, string? found, string missing)
    {
        await using var server = await RegistryServer.StartAsync(options => options.PagePath = path);

        Assert.Equal(404, await server.SendAsync("GET", missing));
        if (found is not null)
        {
            Assert.Equal(200, await server.SendAsync("GET", found));
        }
    }

    [Fact]
    public async Task Page_gives_way_to_the_page_of_the_application()
    {
        await using var server = await RegistryServer.StartAsync(map: static app =>
        {
            app.MapMeshRegistry();
            app.MapGet("/", static () => "mine");
        });

        Assert.Equal("mine", await server.TextAsync("/"));
    }

    [Fact]
    public async Task Page_of_a_registry_mapped_twice_is_there_once()
    {
        await using var server = await RegistryServer.StartAsync(map: static app =>
        {
            app.MapMeshRegistry();
            app.MapMeshRegistry("/eureka/v2");
        });

        Assert.Contains("/eureka/", await server.PageAsync(), StringComparison.Ordinal);
        Assert.Equal(200, await server.SendAsync("GET", "/eureka/v2/apps"));
    }

    private static string NonceIn(HttpResponseMessage response) =>
        response.Headers.GetValues("Content-Security-Policy").Single().Split("'nonce-")[1].Split('\'')[0];

    private static async Task RegisterManyAsync(RegistryServer server, int count)
    {
        foreach (var number in Enumerable.Range(0, count))
        {
            await server.RegisterAsync("ORDERS", Samples.Json($"i{number}"));
        }
    }

    private static async Task<string> PageOfOneThatIsUpAsync()
    {
        await using var server = await RegistryServer.StartAsync();
        await server.RegisterAsync("A", Samples.Json("a", "A"));
        return (await PageText.ReadAsync(server)).Markup;
    }
}
