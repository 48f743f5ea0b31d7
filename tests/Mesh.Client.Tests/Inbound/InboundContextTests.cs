using Mesh.Client.Inbound;
using Mesh.Client.Primitives;
using Microsoft.AspNetCore.Http;
using static Mesh.Client.Tests.TestTime;

namespace Mesh.Client.Tests.Inbound;

public sealed class InboundContextTests
{
    /// <summary>Of both, the nearer one counts, whoever sends them: they can only shorten.</summary>
    [Theory]
    [InlineData("3S", null, "application/grpc", 3_000_000L)]
    [InlineData("3S", null, "application/grpc+proto", 3_000_000L)]
    [InlineData("1500m", "60000", "application/grpc", 1_500_000L)]
    [InlineData("60S", "1500", "application/grpc", 1_500_000L)]
    [InlineData("1u", null, "application/grpc", 1L)]
    [InlineData("99999999H", null, "application/grpc", 359_999_996_400_000_000L)]
    [InlineData("3S", null, "application/json", null)]
    [InlineData("3S", null, null, null)]
    [InlineData("3S", "1500", "application/json", 1_500_000L)]
    [InlineData("3", null, "application/grpc", null)]
    [InlineData("3s", null, "application/grpc", null)]
    [InlineData("123456789S", null, "application/grpc", null)]
    [InlineData("0S", null, "application/grpc", null)]
    [InlineData("-1S", "1500", "application/grpc", 1_500_000L)]
    [InlineData("", null, "application/grpc", null)]
    public void Read_takes_the_nearer_of_both_deadlines(string timeout, string? deadline, string? type, long? expected)
    {
        foreach (var timeoutFirst in new[] { true, false })
        {
            foreach (var trusted in new[] { true, false })
            {
                var headers = new HeaderDictionary();
                if (timeoutFirst)
                {
                    headers["grpc-timeout"] = timeout;
                }

                if (deadline is not null)
                {
                    headers["mesh-deadline"] = deadline;
                }

                headers["grpc-timeout"] = timeout;
                headers["Content-Type"] = type;

                var context = InboundContext.Read(headers, MeshClock.System, trusted, takesDeadline: true, At(1), out var refused);

                Assert.Equal(expected is { } left ? At(1) + Microseconds(left) : MeshTime.Never, context.Deadline);
                Assert.Equal(timeout, headers["grpc-timeout"]);
                Assert.Null(refused);
            }
        }
    }

    [Fact]
    public void Read_timeout_that_is_said_twice_is_ignored()
    {
        var headers = new HeaderDictionary { ["grpc-timeout"] = new(["3S", "1S"]), ["Content-Type"] = "application/grpc" };
        Assert.False(InboundContext.Read(headers, MeshClock.System, trusted: true, takesDeadline: true, At(0), out _).HasDeadline);
    }
}
