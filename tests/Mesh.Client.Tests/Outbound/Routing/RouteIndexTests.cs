using CsCheck;
using Mesh.Client.Matching;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Routing;

namespace Mesh.Client.Tests.Outbound.Routing;

public sealed class RouteIndexTests
{
    private static readonly string[] Paths =
        ["/", "/a", "/a/", "/a/b", "/a/b/c", "/b", "/b/a", "/c/c/c/c", "/**", "/a/**", "/a/b/**", "/*", "/a/*", "/**/c", "/*/b/**"];

    private static readonly string[] Called = [.. Paths.Where(static path => !path.Contains('*')), "/a/b/c/d", "/d"];

    private static readonly Gen<RouteMatch> Match =
        from path in Gen.Int[-1, Paths.Length - 1]
        from header in Gen.Int[0, 3]
        from method in Gen.Int[0, 3]
        select new RouteMatch
        {
            Path = path < 0 ? null : Paths[path],
            Headers = header == 0 ? []
                : [("x-" + (header % 2), new TextMatch(header == 3 ? TextMatchKind.Prefix : TextMatchKind.Exact, "" + (header % 2)))],
            Methods = method > 1 ? [] : [method == 0 ? "GET" : "PUT"],
        };

    private static readonly Gen<HttpRequestMessage> Request =
        from path in Gen.Int[0, Called.Length - 1]
        from header in Gen.Int[0, 3]
        from method in Gen.Int[0, 2]
        select Of(method switch { 0 => "GET", 1 => "PUT", _ => "DELETE" }, Called[path], header);

    /// <summary>Whatever is looked up: the same route as by asking one after the other.</summary>
    [Fact]
    public void First_route_that_matches_is_found() => Gen.Select(Match.List[0, 3].List[0, 12], Request).Check(
        static (routes, request) =>
        {
            var facts = new CallFacts(request, request.RequestUri!, "");
            var expected = routes.Count;
            for (var i = routes.Count - 1; i >= 0; i--)
            {
                foreach (var match in routes[i].Count == 0 ? [new RouteMatch()] : routes[i])
                {
                    expected = new CallMatcher(match).IsMatch(facts) ? i : expected;
                }
            }

            Assert.Equal(expected, new RouteIndex(routes).Find(facts));
        },
        count: 5_000);

    [Fact]
    public void Thousand_routes_take_no_allocation()
    {
        var index = new RouteIndex(
        [
            .. Enumerable.Range(0, 1000).Select(static i => new RouteMatch[]
            {
                (i % 3) switch
                {
                    0 => new() { Path = $"/exact/{i}" },
                    1 => new() { Path = $"/prefix/{i}/**" },
                    _ => new() { Headers = [("x-route", new TextMatch(TextMatchKind.Exact, $"{i}"))] },
                },
            }),
        ]);
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://a/prefix/997/x/y");
        request.Headers.Add("x-route", "none");
        Assert.Equal(997, Find());

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            Find();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        int Find() => index.Find(new CallFacts(request, request.RequestUri!, ""));
    }

    private static HttpRequestMessage Of(string method, string path, int header)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), "http://a" + path);
        if (header > 0)
        {
            request.Headers.Add("x-" + (header % 2), header == 3 ? "12" : "" + (header % 2));
        }

        return request;
    }
}
