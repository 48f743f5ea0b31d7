using System.Net;
using System.Net.Http.Json;
using System.Threading.Channels;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>What the endpoint of an upload is told of the time.</summary>
public sealed class UploadDeadlineTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("none", "10000")]
    [InlineData("small", "10000")]
    [InlineData("small stream", "10000")]
    [InlineData("json", "10000")]
    [InlineData("large", null)]
    [InlineData("unknown", null)]
    [InlineData("rows", null)]
    public async Task Send_endpoint_is_not_told_a_time_that_moves(string body, string? expected)
    {
        using var mesh = Fleet.Of(1, s => s.Timeout = TimeSpan.FromSeconds(10));
        string? told = null;
        mesh.All((request, _) =>
        {
            told = request.Headers.TryGetValues("mesh-deadline", out var values) ? values.Single() : null;
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        });

        (await mesh.Client.PostAsync(Fleet.Url, body switch
        {
            "none" => null,
            "small" => new ByteArrayContent(new byte[64 * 1024]),
            "small stream" => new StreamContent(new MemoryStream(new byte[10])),
            "json" => JsonContent.Create(new { Id = 1 }),
            "large" => new ByteArrayContent(new byte[(64 * 1024) + 1]),
            "rows" => JsonContent.Create(Channel.CreateUnbounded<int>().Reader.ReadAllAsync(Token)),
            _ => new Writing(_ => Task.CompletedTask),
        }, Token)).Dispose();

        Assert.Equal(expected, told);
    }
}
