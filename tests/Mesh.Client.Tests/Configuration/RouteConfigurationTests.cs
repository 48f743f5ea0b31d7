using System.Text;
using Mesh.Client.Options;
using Mesh.Client.Tests.DependencyInjection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Tests.Configuration;

/// <summary>Routes as they are written.</summary>
public sealed class RouteConfigurationTests
{
    [Fact]
    public void Everything_that_a_route_has_is_read()
    {
        var route = Read(
            """
            { "Order": -1, "Timeout": "00:01:00", "AttemptTimeout": "00:00:20", "BodyIdleTimeout": "-00:00:00.001", "MaxRetries": 0,
              "Matches": [
                { "Path": "/reports/**", "Methods": [ "GET", "POST" ], "Clients": [ "batch" ],
                  "Headers": { "x-beta": "1", "x-b": { "Prefix": "p" } }, "Query": { "q": { "Present": false } } },
                { "PathRegex": "/v[0-9]+" } ] }
            """);

        Assert.Equal((-1, 0), (route.Order, route.MaxRetries));
        Assert.Equal(
            (TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(20), Timeout.InfiniteTimeSpan),
            (route.Timeout, route.AttemptTimeout, route.BodyIdleTimeout));
        var first = route.Matches[0];
        Assert.Equal("/reports/**", first.Path);
        Assert.Equal(["GET", "POST"], first.Methods);
        Assert.Equal(["batch"], first.Clients);
        Assert.Equal("1", first.Headers["X-Beta"].Exact);
        Assert.Equal("p", first.Headers["x-b"].Prefix);
        Assert.False(first.Query["q"].Present);
        Assert.Equal("/v[0-9]+", route.Matches[1].PathRegex);
    }

    [Theory]
    [InlineData("""{ "Order": 2000000 }""", "Order: 2000000 is out of range, -1000000 to 1000000.")]
    [InlineData("""{ "MaxRetries": 11 }""", "MaxRetries: 11 is out of range, 0 to 10.")]
    [InlineData(
        """{ "Timeout": "00:00:01", "AttemptTimeout": "00:00:02" }""",
        "AttemptTimeout: 00:00:02 is longer than Timeout (00:00:01), so that it never applies.")]
    [InlineData("""{ "Matches": [ { "Path": "reports" } ] }""", "Matches:0:Path: 'reports' does not begin with a slash.")]
    [InlineData(
        """{ "Matches": [ { "Path": "/a", "PathRegex": "/a" } ] }""",
        "Matches:0: has both Path and PathRegex: write two entries of Matches, or one of them.")]
    [InlineData("""{ "Matches": [ { "PathRegex": "a{5000}" } ] }""",
        "Matches:0:PathRegex: 'a{5000}' repeats something more than 1000 times, with all its counts multiplied.")]
    [InlineData("""{ "Matches": [ { "Methods": [ "GET /" ] } ] }""", "Matches:0:Methods:0: 'GET /' is no method, such as GET.")]
    [InlineData("""{ "Matches": [ { "Headers": { "x beta": "1" } } ] }""", "Matches:0:Headers:x beta: is no name that a header can have.")]
    [InlineData("""{ "Matches": [ { "Headers": { "a": { "Exact": "1", "Prefix": "1" } } } ] }""",
        "Matches:0:Headers:a: just one of Exact, Prefix, Regex and Present is set; a text alone is Exact.")]
    [InlineData("""{ "Matches": [ { "Query": { "a": { "Regex": "(" } } } ] }""", "Matches:0:Query:a:Regex: '(' is no regular expression: ")]
    [InlineData("""{ "Matches": [ { "Pfad": "/a" } ] }""", "Matches:0:Pfad is not a setting. ")]
    public void Mistake_is_named(string route, string mistake) => Assert.StartsWith(
        "Mesh:Services:shop:Routes:r:" + mistake, TestApplication.MistakesOf(Json(route))[0], StringComparison.Ordinal);

    [Fact]
    public void Name_of_the_last_route_and_routes_of_all_services_are_refused()
    {
        Assert.Equal(
            ["Mesh:Services:shop:Routes:Default: 'default' is the name of the route that all other calls take: set it at the service."],
            TestApplication.MistakesOf("""{ "Mesh": { "Services": { "shop": { "Routes": { "Default": { "Order": 1 } } } } } }"""));
        Assert.Equal(
            ["Mesh:Defaults:Routes: routes belong to one service: write them to Mesh:Services:<name>:Routes."],
            TestApplication.MistakesOf("""{ "Mesh": { "Defaults": { "Routes": { "a": { "Order": 1 } } } } }"""));
    }

    /// <summary>.NET merges lists by place: the second entry, and the methods of the first, would stay.</summary>
    [Theory]
    [InlineData("""[ { "Path": "/new" } ]""", 1, "/new")]
    [InlineData("[]", 0, null)]
    [InlineData(null, 2, "/old")]
    public void Later_file_replaces_the_matches_as_a_whole(string? matches, int count, string? path)
    {
        var configuration = new ConfigurationManager();
        configuration.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(Json(
            """{ "Order": 5, "Matches": [ { "Path": "/old", "Methods": [ "GET" ] }, { "Path": "/second" } ] }"""))));
        configuration.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(Json(
            matches is null ? """{ "MaxRetries": 1 }""" : $$"""{ "MaxRetries": 1, "Matches": {{matches}} }"""))));
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(configuration);
        services.AddLogging();
        services.AddMesh();
        using var provider = services.BuildServiceProvider();

        var route = provider.GetRequiredService<IOptions<MeshOptions>>().Value.Services["shop"].Routes["r"];

        Assert.Equal((5, 1), (route.Order, route.MaxRetries));
        Assert.Equal(count, route.Matches.Count);
        Assert.Equal(path, route.Matches.FirstOrDefault()?.Path);
        Assert.Equal(matches is null ? 1 : 0, route.Matches.FirstOrDefault()?.Methods.Count ?? 0);
    }

    /// <summary>A text in one file, a section in the next.</summary>
    [Fact]
    public void Later_form_of_a_header_takes_the_place_of_the_earlier_one()
    {
        var configuration = new ConfigurationManager();
        foreach (var header in new[] { "\"1\"", """{ "Prefix": "r" }""" })
        {
            configuration.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(Json(
                $$"""{ "Matches": [ { "Headers": { "x": {{header}} } } ] }"""))));
        }

        using var provider = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddLogging().AddMesh().Services
            .BuildServiceProvider();
        var match = provider.GetRequiredService<IOptions<MeshOptions>>().Value.Services["shop"].Routes["r"].Matches[0].Headers["x"];

        Assert.Equal((null, "r"), (match.Exact, match.Prefix));
    }

    /// <summary>It would take all calls.</summary>
    [Fact]
    public void Matches_of_empty_entries_only_are_refused() => Assert.Equal(
        ["Mesh:Services:shop:Routes:r:Matches has only empty entries. Write [] for an empty list."],
        TestApplication.MistakesOf(Json("""{ "Matches": [ "" ] }""")));

    [Fact]
    public void Names_that_differ_by_case_only_are_refused()
    {
        using var provider = new ServiceCollection().AddLogging().AddMesh(static options => options.Services["shop"] = new ServiceOptions
        {
            Routes = new Dictionary<string, RouteOptions>
            {
                ["a"] = new() { Matches = [new() { Headers = new Dictionary<string, TextMatchOptions> { ["X"] = "1", ["x"] = "1" } }] },
                ["A"] = new(),
            },
        }).Services.BuildServiceProvider();

        var options = provider.GetRequiredService<IOptions<MeshOptions>>();
        var mistakes = Assert.ThrowsAny<OptionsValidationException>(() => options.Value).Failures;

        Assert.Equal(
            [
                "Mesh:Services:shop:Routes:a: is there twice: case does not matter.",
                "Mesh:Services:shop:Routes:a:Matches:0:Headers:X: is there twice: case does not matter.",
            ],
            mistakes);
    }

    private static RouteOptions Read(string route) => TestApplication.Read(Json(route)).Services["shop"].Routes["r"];

    private static string Json(string route) => $$"""{ "Mesh": { "Services": { "shop": { "Routes": { "r": {{route}} } } } } }""";
}
