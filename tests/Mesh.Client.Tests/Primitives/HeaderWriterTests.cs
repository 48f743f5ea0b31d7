using Mesh.Client.Primitives;

namespace Mesh.Client.Tests.Primitives;

/// <summary>T26: nothing that comes from outside can end a header or begin another.</summary>
public sealed class HeaderWriterTests
{
    [Fact]
    public void TryAdd_every_character_at_every_position_passes_only_visible_ascii()
    {
        for (var character = 0; character <= 0x2FF; character++)
        {
            foreach (var value in new[] { $"{(char)character}bc", $"a{(char)character}c", $"ab{(char)character}", $"{(char)character}" })
            {
                using var request = new HttpRequestMessage();
                var added = HeaderWriter.TryAdd(request.Headers, "mesh-label-tenant", value);

                Assert.Equal(character is >= 0x21 and <= 0x7E, added);
                Assert.Equal(added ? [value] : [], request.Headers.TryGetValues("mesh-label-tenant", out var values) ? values : []);
            }
        }
    }

    [Theory]
    [InlineData("Host")]
    [InlineData("content-length")]
    [InlineData("Content-Type")]
    [InlineData("Transfer-Encoding")]
    [InlineData("connection")]
    [InlineData("Authorization")]
    [InlineData("COOKIE")]
    [InlineData("Proxy-Authorization")]
    [InlineData(":path")]
    public void TryAdd_name_that_frames_or_identifies_is_refused(string name)
    {
        using var request = new HttpRequestMessage();
        Assert.Throws<ArgumentException>(() => HeaderWriter.TryAdd(request.Headers, name, "value"));
        Assert.Empty(request.Headers);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(1024, true)]
    [InlineData(1025, false)]
    public void TryAdd_value_has_1_to_1024_characters(int length, bool expected)
    {
        using var request = new HttpRequestMessage();
        Assert.Equal(expected, HeaderWriter.TryAdd(request.Headers, "mesh-label-tenant", new string('x', length)));
    }
}
