using Mesh.Client.Outbound.Calls;
using Mesh.Client.Primitives;

namespace Mesh.Client.Tests.Primitives;

public sealed class GrpcRequestTests
{
    [Theory]
    [InlineData("1H", 3_600_000_000L)]
    [InlineData("2M", 120_000_000L)]
    [InlineData("60S", 60_000_000L)]
    [InlineData("100m", 100_000L)]
    [InlineData("7u", 7L)]
    [InlineData("2500n", 2L)]
    [InlineData("99999999H", 359_999_996_400_000_000L)]
    [InlineData("0S", 0L)]
    [InlineData("", null)]
    [InlineData("S", null)]
    [InlineData("10", null)]
    [InlineData("10s", null)]
    [InlineData("-1S", null)]
    [InlineData("1.5S", null)]
    [InlineData(" 1S", null)]
    [InlineData("123456789S", null)]
    public void ParseTimeout_reads_what_the_protocol_allows(string text, long? microseconds) =>
        Assert.Equal(microseconds, GrpcRequest.ParseTimeout(text)?.WholeMicroseconds());

    [Theory]
    [InlineData("Service 'a' is down.", "Service 'a' is down.")]
    [InlineData("100 %", "100 %25")]
    [InlineData("ä\r\n", "%C3%A4%0D%0A")]
    public void Encode_leaves_nothing_that_could_end_the_header(string text, string expected) =>
        Assert.Equal(expected, GrpcAnswer.Encode(text));
}
