using Mesh.Client.Matching;
using Mesh.Client.Model;

namespace Mesh.Client.Tests.Matching;

public sealed class CallMatcherTests
{
    private static readonly RouteMatch Any = new();

    [Theory]
    [InlineData("GET", true)]
    [InlineData("get", true)]
    [InlineData("POST", true)]
    [InlineData("PUT", false)]
    public void Method_is_any_of_those(string method, bool matches) =>
        Assert.Equal(matches, IsMatch(Any with { Methods = ["GET", "POST"] }, new HttpRequestMessage(new HttpMethod(method), "http://a/")));

    [Theory]
    [InlineData(nameof(TextMatchKind.Exact), "1", "1", true)]
    [InlineData(nameof(TextMatchKind.Exact), "1", "12", false)]
    [InlineData(nameof(TextMatchKind.Exact), "a", "A", false)]
    [InlineData(nameof(TextMatchKind.Exact), "", null, false)]
    [InlineData(nameof(TextMatchKind.Prefix), "Bear", "Bearer x", true)]
    [InlineData(nameof(TextMatchKind.Prefix), "Bear", "bearer x", false)]
    [InlineData(nameof(TextMatchKind.Regex), "[0-9]+", "12", true)]
    [InlineData(nameof(TextMatchKind.Regex), "[0-9]+", "12a", false)]
    [InlineData(nameof(TextMatchKind.Present), "", "x", true)]
    [InlineData(nameof(TextMatchKind.Present), "", null, false)]
    [InlineData(nameof(TextMatchKind.Absent), "", "x", false)]
    [InlineData(nameof(TextMatchKind.Absent), "", null, true)]
    public void Header_and_query_match(string kind, string wanted, string? value, bool matches)
    {
        var match = new TextMatch(Enum.Parse<TextMatchKind>(kind), wanted);
        var request = new HttpRequestMessage(HttpMethod.Get, "http://a/");
        if (value is not null)
        {
            request.Headers.Add("X-Kind", value);
        }

        Assert.Equal(matches, IsMatch(Any with { Headers = [("x-kind", match)] }, request));

        using var query = new HttpRequestMessage(
            HttpMethod.Get, value is null ? "http://a/?other=1" : "http://a/?other=1&kind=" + Uri.EscapeDataString(value));
        Assert.Equal(matches, IsMatch(Any with { Query = [("kind", match)] }, query));
    }

    [Fact]
    public void Header_of_the_content_counts_and_several_lines_are_joined()
    {
        var match = Any with { Headers = [("Content-Type", new TextMatch(TextMatchKind.Prefix, "text/plain"))] };
        Assert.True(IsMatch(match, new HttpRequestMessage(HttpMethod.Post, "http://a/") { Content = new StringContent("x") }));
        Assert.False(IsMatch(match, new HttpRequestMessage(HttpMethod.Post, "http://a/")));

        var lines = new HttpRequestMessage(HttpMethod.Get, "http://a/");
        lines.Headers.Add("x-a", ["1", "2"]);
        Assert.True(IsMatch(Any with { Headers = [("x-a", new TextMatch(TextMatchKind.Exact, "1, 2"))] }, lines));
    }

    [Theory]
    [InlineData("http://a/?a=1", "a", "1", true)]
    [InlineData("http://a/?a=1&a=2", "a", "2", false)]
    [InlineData("http://a/?A=1", "a", "1", false)]
    [InlineData("http://a/?a", "a", "", true)]
    [InlineData("http://a/?a=", "a", "", true)]
    [InlineData("http://a/?a=x+y", "a", "x y", true)]
    [InlineData("http://a/?a=x%20y", "a", "x y", true)]
    [InlineData("http://a/?a=x%2By", "a", "x+y", true)]
    [InlineData("http://a/?%61=1", "a", "1", true)]
    [InlineData("http://a/?a=1=2", "a", "1=2", true)]
    [InlineData("http://a/", "a", "", false)]
    [InlineData("http://a/?", "a", "", false)]
    public void Query_is_decoded(string address, string name, string value, bool matches) => Assert.Equal(
        matches,
        IsMatch(Any with { Query = [(name, new TextMatch(TextMatchKind.Exact, value))] }, new HttpRequestMessage(HttpMethod.Get, address)));

    [Fact]
    public void All_that_is_set_must_hold()
    {
        var match = new RouteMatch
        {
            PathRegex = "/v[12]/.*",
            Methods = ["GET"],
            Headers = [("x-a", new TextMatch(TextMatchKind.Present, ""))],
            Query = [("q", new TextMatch(TextMatchKind.Present, ""))],
            Clients = ["shop"],
        };
        Assert.True(Matches("GET", "http://a/v1/x?q=1", "1", "shop"));
        Assert.False(Matches("PUT", "http://a/v1/x?q=1", "1", "shop"));
        Assert.False(Matches("GET", "http://a/v3/x?q=1", "1", "shop"));
        Assert.False(Matches("GET", "http://a/v1/x", "1", "shop"));
        Assert.False(Matches("GET", "http://a/v1/x?q=1", null, "shop"));
        Assert.False(Matches("GET", "http://a/v1/x?q=1", "1", "Shop"));

        bool Matches(string method, string address, string? header, string client)
        {
            var request = new HttpRequestMessage(new HttpMethod(method), address);
            if (header is not null)
            {
                request.Headers.Add("x-a", header);
            }

            return IsMatch(match, request, client);
        }
    }

    [Fact]
    public void Order_of_headers_says_nothing()
    {
        static RouteMatch With(params string[] names) => RouteMatch.From(new Options.RouteMatchOptions
        {
            Headers = names.ToDictionary(static name => name, static _ => new Options.TextMatchOptions { Present = true }),
        });

        Assert.Equal(With("a", "b"), With("b", "a"));
        Assert.NotEqual(With("a", "b"), With("a"));
    }

    private static bool IsMatch(RouteMatch match, HttpRequestMessage request, string client = "") =>
        new CallMatcher(match).IsMatch(new CallFacts(request, request.RequestUri!, client));
}
