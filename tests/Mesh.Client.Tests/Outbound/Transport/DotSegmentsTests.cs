using Mesh.Client.Outbound.Transport;

namespace Mesh.Client.Tests.Outbound.Transport;

/// <summary>Whether a path leaves the base path that is put before it, in any reading.</summary>
public sealed class DotSegmentsTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("")]
    [InlineData("/a/b")]
    [InlineData("/a/../b")]
    [InlineData("/a/%2e%2E/b")]
    [InlineData("/a/b/../..")]
    [InlineData("/./a")]
    [InlineData("/...")]
    [InlineData("/..a/b..")]
    [InlineData("/%2e%2ea")]
    [InlineData("/.../...")]
    [InlineData("/a%2f..%2fb")]
    [InlineData("/%7Euser/a%2E%2Eb")]
    [InlineData("/a?x=/../../..")]
    [InlineData("?../..")]
    [InlineData("/a;v=1/b")]
    [InlineData("/%252e%252e/a")]
    [InlineData("/a/..#f")]
    [InlineData("/#f")]
    [InlineData("/#?/../..")]
    [InlineData("/..%23f")]
    public void Climb_path_that_stays_is_kept(string path) => Assert.False(DotSegments.Climb(path));

    [Theory]
    [InlineData("/..")]
    [InlineData("..")]
    [InlineData("/../a")]
    [InlineData("/%2e%2e/admin")]
    [InlineData("/%2E./admin")]
    [InlineData("/.%2e/admin")]
    [InlineData("/a/../../admin")]
    [InlineData("/a/%2e%2e/%2E%2E/admin")]
    [InlineData("/./../admin")]
    [InlineData("/%2e/%2e%2e/admin")]
    [InlineData("//../admin")]
    [InlineData("/a//../../admin")]
    [InlineData("/..\\admin")]
    [InlineData("/a\\..\\..\\admin")]
    [InlineData("/..%2fadmin")]
    [InlineData("/..%2Fadmin")]
    [InlineData("/%2e%2e%5cadmin")]
    [InlineData("/%2e%2e%5Cadmin")]
    [InlineData("/a%2fb\\..\\..\\admin")]
    [InlineData("/a%2fb/../../..")]
    [InlineData("/a/..%2f..%2fadmin")]
    [InlineData("/..;/admin")]
    [InlineData("/..;v=1/admin")]
    [InlineData("/%2e%2e;a=b;c/admin")]
    [InlineData("/a#/../../b")]
    [InlineData("/..?x=1")]
    [InlineData("/..#f")]
    [InlineData("/..#/x#y")]
    [InlineData("/..#")]
    [InlineData("..#f")]
    [InlineData("/a/../..#/b")]
    [InlineData("/%2e%2e#f?x=1")]
    [InlineData("/a#/../../..")]
    public void Climb_path_that_goes_above_its_beginning_is_found(string path) => Assert.True(DotSegments.Climb(path));

    [Fact]
    public void Climb_every_path_of_few_segments_is_judged_as_it_resolves()
    {
        string[] kinds = ["a", "..", ".", "%2e%2e", "%2E.", ".%2e", "%2e", "b.", "..."];
        var paths = 0;
        IEnumerable<string[]> all = [[]];
        for (var length = 0; length < 4; length++)
        {
            all = [.. all.SelectMany(segments => kinds, (segments, kind) => (string[])[.. segments, kind])];
            foreach (var segments in all)
            {
                var path = "/" + string.Join('/', segments);

                // The runtime resolves dot segments: below two levels of base, none that leaves one of them may be missed.
                var resolved = new Uri("http://host/mark/base" + path).AbsolutePath;
                var climbs = Depths(segments).Any(depth => depth < 0);
                Assert.True(climbs || resolved.StartsWith("/mark/base", StringComparison.Ordinal), path);
                Assert.True(climbs == DotSegments.Climb(path), path);
                paths++;
            }
        }

        Assert.Equal(9 + 81 + 729 + 6561, paths);
    }

    private static IEnumerable<int> Depths(string[] segments)
    {
        var depth = 0;
        foreach (var segment in segments)
        {
            depth += segment.Replace("%2e", ".", StringComparison.OrdinalIgnoreCase) switch { ".." => -1, "." or "" => 0, _ => 1 };
            yield return depth;
        }
    }
}
