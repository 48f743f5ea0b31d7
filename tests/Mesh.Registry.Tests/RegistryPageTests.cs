using System.Net;
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

        var page = await server.TextAsync("/");

        Assert.Contains("1 instance of 1 service.", page, StringComparison.Ordinal);
        Assert.Contains("<h2>ORDERS</h2>", page, StringComparison.Ordinal);
        Assert.Contains(
            "<td>a</td><td>http://127.0.0.1:5001</td><td class=\"up\">UP</td><td>eu-1a</td><td>2.1.0</td><td>tenant=acme</td><td>5 s ago, lease 30 s</td><td>registered 15 s ago</td>",
            page,
            StringComparison.Ordinal);
        Assert.Contains("<meta http-equiv=\"refresh\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_with_a_status_that_was_set_says_so()
    {
        await using var server = await RegistryServer.StartAsync();
        await server.RegisterAsync("ORDERS", Samples.Json());
        await server.SendAsync("PUT", "/eureka/apps/ORDERS/a/status?value=OUT_OF_SERVICE");

        Assert.Contains("<td class=\"other\">OUT_OF_SERVICE (set by request)</td>", await server.TextAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_when_nobody_ever_registered_says_what_to_check()
    {
        await using var server = await RegistryServer.StartAsync();
        server.Time.Advance(TimeSpan.FromMinutes(3));

        var page = WebUtility.HtmlDecode(await server.TextAsync("/"));

        Assert.Contains("none has tried with success since this registry started 3 min ago", page, StringComparison.Ordinal);
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

        var page = WebUtility.HtmlDecode(await server.TextAsync("/"));

        Assert.Contains("2 registered, 1 said goodbye, 1 removed because no heartbeat came within the lease", page, StringComparison.Ordinal);
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

        using var response = await server.Client.GetAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken);
        var page = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("javascript:", page, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(7, page.Split("&lt;script&gt;alert(1)&lt;/script&gt;&#x27;&quot;&gt;&lt;img").Length - 1);
        Assert.Contains("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_with_more_instances_than_it_shows_says_how_many_are_missing()
    {
        await using var server = await RegistryServer.StartAsync();
        var store = server.Services.GetRequiredService<RegistryStore>();
        for (var number = 0; number < RegistryPageWriter.MaxRows + 1; number++)
        {
            store.Register(Samples.Instance(server.Time, $"i{number}", $"APP{number % 3}"));
        }

        var page = await server.TextAsync("/");

        Assert.Equal(RegistryPageWriter.MaxRows, page.Split("<tr><td>").Length - 1);
        Assert.Contains("1 further instance not shown here", page, StringComparison.Ordinal);
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

        Assert.Contains("/eureka/", await server.TextAsync("/"), StringComparison.Ordinal);
        Assert.Equal(200, await server.SendAsync("GET", "/eureka/v2/apps"));
    }
}
