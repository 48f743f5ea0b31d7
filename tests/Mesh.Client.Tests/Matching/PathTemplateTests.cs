using Mesh.Client.Matching;

namespace Mesh.Client.Tests.Matching;

public sealed class PathTemplateTests
{
    /// <summary>As Gateway API has exact paths and prefixes (HTTPPathMatch), and ASP.NET Core its templates.</summary>
    [Theory]
    [InlineData("/", "/", true)]
    [InlineData("/", "/a", false)]
    [InlineData("/a", "/a", true)]
    [InlineData("/a", "/A", false)]
    [InlineData("/a", "/a/", false)]
    [InlineData("/a/", "/a/", true)]
    [InlineData("/a/", "/a", false)]
    [InlineData("/a", "/ab", false)]
    [InlineData("/a/b", "/a/b", true)]
    [InlineData("/a//b", "/a//b", true)]
    [InlineData("/a//b", "/a/b", false)]
    [InlineData("/**", "/", true)]
    [InlineData("/**", "/a/b", true)]
    [InlineData("/foo/**", "/foo", true)]
    [InlineData("/foo/**", "/foo/", true)]
    [InlineData("/foo/**", "/foo/bar", true)]
    [InlineData("/foo/**", "/foo/bar/baz/", true)]
    [InlineData("/foo/**", "/foobar", false)]
    [InlineData("/foo/**", "/bar/foo", false)]
    [InlineData("/orders/*", "/orders/1", true)]
    [InlineData("/orders/*", "/orders", false)]
    [InlineData("/orders/*", "/orders/", false)]
    [InlineData("/orders/*", "/orders/1/lines", false)]
    [InlineData("/orders/{id}", "/orders/1", true)]
    [InlineData("/orders/{id}/lines", "/orders/1/lines", true)]
    [InlineData("/orders/{id}/lines", "/orders//lines", false)]
    [InlineData("/*/*", "/a/b", true)]
    [InlineData("/*/*", "/a", false)]
    [InlineData("/api/**/lines", "/api/lines", true)]
    [InlineData("/api/**/lines", "/api/orders/1/lines", true)]
    [InlineData("/api/**/lines", "/api/orders/1/line", false)]
    [InlineData("/api/**/lines/*", "/api/a/lines/1", true)]
    [InlineData("/api/**/lines/*", "/api/a/lines", false)]
    [InlineData("/**/health", "/health", true)]
    [InlineData("/**/health", "/a/b/health", true)]
    [InlineData("/**/health", "/a/b/healthy", false)]
    [InlineData("/a/**/a", "/a", false)]
    [InlineData("/a/**/a", "/a/a", true)]
    [InlineData("/größe", "/gr%C3%B6%C3%9Fe", true)]
    [InlineData("/a%2Fb", "/a%2Fb", true)]
    [InlineData("/a%2Fb", "/a/b", false)]
    [InlineData("/shop.Catalog/*", "/shop.Catalog/Find", true)]
    public void Path_matches(string template, string path, bool matches)
    {
        Assert.Null(PathTemplate.Mistake(template));
        Assert.Equal(matches, PathTemplate.Parse(template).IsMatch(path));
    }

    [Theory]
    [InlineData("", "does not begin with a slash")]
    [InlineData("orders", "does not begin with a slash")]
    [InlineData("/a?b=c", "has a character that no path has (a query is matched under Query)")]
    [InlineData("/a b", "has a character that no path has (a query is matched under Query)")]
    [InlineData("/**/a/**", "has more than one **")]
    [InlineData("/a*/b", "mixes text and wildcards in the segment 'a*'")]
    [InlineData("/{a}b", "mixes text and wildcards in the segment '{a}b'")]
    [InlineData("/{}", "mixes text and wildcards in the segment '{}'")]
    [InlineData("/***", "mixes text and wildcards in the segment '***'")]
    [InlineData("/a/../b", "has a segment that is never sent: dots, or a backslash")]
    [InlineData("/a/%2e%2e/b", "has a segment that is never sent: dots, or a backslash")]
    [InlineData(@"/a\b", "has a segment that is never sent: dots, or a backslash")]
    public void Mistake_is_named(string template, string mistake) => Assert.Equal(mistake, PathTemplate.Mistake(template));

    [Theory]
    [InlineData("/a/b", "/a/b", null)]
    [InlineData("/", "/", null)]
    [InlineData("/a/**", null, "/a")]
    [InlineData("/**", null, "")]
    [InlineData("/a/*", null, null)]
    [InlineData("/*/**", null, null)]
    [InlineData("/a/**/b", null, null)]
    public void What_can_be_looked_up_is_known(string template, string? exact, string? prefix)
    {
        var parsed = PathTemplate.Parse(template);

        Assert.Equal((exact, prefix), (parsed.Exact, parsed.Prefix));
    }
}
