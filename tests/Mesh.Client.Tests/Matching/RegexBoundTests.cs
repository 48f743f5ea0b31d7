using System.Diagnostics;
using Mesh.Client.Matching;

namespace Mesh.Client.Tests.Matching;

public sealed class RegexBoundTests
{
    [Theory]
    [InlineData("/v[0-9]+/.*", "/v1/x", true)]
    [InlineData("/v[0-9]+", "/v1/x", false)]
    [InlineData("a|ab", "ab", true)]
    [InlineData("(a|b)c", "bc", true)]
    [InlineData("", "", true)]
    public void All_of_a_text_must_match(string pattern, string text, bool matches)
    {
        Assert.Null(RegexBound.Mistake(pattern));
        Assert.Equal(matches, RegexBound.Make(pattern).IsMatch(text));
    }

    [Theory]
    [InlineData("(", "is no regular expression")]
    [InlineData("a)|(?:b", "is no regular expression")]
    [InlineData(@"(a)\1", "uses look-around")]
    [InlineData("(?=a)b", "uses look-around")]
    [InlineData("a{1001}", "repeats something more than 1000 times")]
    [InlineData("a{1,5000}", "repeats something more than 1000 times")]
    [InlineData("(a{40}){40}", "repeats something more than 1000 times")]
    public void What_cannot_be_bounded_is_refused(string pattern, string mistake) =>
        Assert.StartsWith(mistake, RegexBound.Mistake(pattern), StringComparison.Ordinal);

    [Fact]
    public void Longer_one_is_refused()
    {
        Assert.Null(RegexBound.Mistake(new string('a', 200)));
        Assert.Equal("has 201 characters, at most 200 are allowed", RegexBound.Mistake(new string('a', 201)));
    }

    /// <summary>With backtracking each of these takes longer than the age of the earth.</summary>
    [Theory]
    [InlineData("(a+)+b")]
    [InlineData("(a|aa)+b")]
    [InlineData("(.*)*x")]
    public void None_takes_longer_than_the_text_is_long(string pattern)
    {
        var regex = RegexBound.Make(pattern);
        var start = Stopwatch.GetTimestamp();

        Assert.DoesNotMatch(regex, new string('a', 10_000));

        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(10));
    }
}
