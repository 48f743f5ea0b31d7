using System.IO.Compression;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Registration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Eureka.Wire;

/// <summary>What only a real connection shows.</summary>
public class EurekaWireTests
{
    [Fact]
    public async Task GetAll_compressed_answer_over_a_real_connection_is_read()
    {
        string? accepted = null;
        await using var server = await ServeAsync(async context =>
        {
            accepted = context.Request.Headers.AcceptEncoding;
            context.Response.ContentType = "application/json";
            context.Response.Headers.ContentEncoding = "gzip";
            await using var zip = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
            await zip.WriteAsync(Captures.Bytes("apps-three"), context.RequestAborted);
        });
        using var client = WireClient.Create(TestConfiguration.Of(null, server.Urls.Single() + "/eureka/"), TimeProvider.System);

        var applications = await client.GetAllAsync(TestContext.Current.CancellationToken);

        Assert.Equal("gzip", accepted);
        Assert.Equal("UP_3_", applications.Hash);
        Assert.Equal(3, applications.Instances.Count);
    }

    [Fact]
    public async Task GetAll_small_answer_that_unpacks_to_much_is_refused()
    {
        await using var server = await ServeAsync(async context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            await using var zip = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
            var blanks = new byte[1024 * 1024];
            for (var i = 0; i < 150 && !context.RequestAborted.IsCancellationRequested; i++)
            {
                await zip.WriteAsync(blanks);
            }
        });
        using var client = WireClient.Create(TestConfiguration.Of(null, server.Urls.Single() + "/eureka/"), TimeProvider.System);

        var failure = await Assert.ThrowsAsync<EurekaException>(() => client.GetAllAsync(TestContext.Current.CancellationToken));

        Assert.Contains("unpacks to more than 100 times its size", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetAll_answer_that_unpacks_to_more_than_the_bound_is_refused()
    {
        await using var server = await ServeAsync(async context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            await using var zip = new GZipStream(context.Response.Body, CompressionLevel.Fastest);

            // Noise in a part, so that it packs no better than instances do.
            var part = new byte[1024 * 1024];
            new Random(1).NextBytes(part.AsSpan(0, 40 * 1024));
            for (var i = 0; i < 150 && !context.RequestAborted.IsCancellationRequested; i++)
            {
                await zip.WriteAsync(part);
            }
        });
        using var client = WireClient.Create(TestConfiguration.Of(null, server.Urls.Single() + "/eureka/"), TimeProvider.System);

        var failure = await Assert.ThrowsAsync<EurekaException>(() => client.GetAllAsync(TestContext.Current.CancellationToken));

        Assert.Contains("128 MiB or more when unpacked", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusal_packed_is_quoted()
    {
        await using var server = await ServeAsync(async context =>
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            context.Response.Headers.ContentEncoding = "gzip";
            await using var zip = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
            await zip.WriteAsync("not from here"u8.ToArray());
        });
        using var client = WireClient.Create(TestConfiguration.Of(null, server.Urls.Single() + "/eureka/"), TimeProvider.System);

        var failure = await Assert.ThrowsAsync<EurekaException>(() => client.GetAllAsync(TestContext.Current.CancellationToken));

        Assert.Contains("403 \"not from here\"", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Heartbeat_odd_ids_arrive_as_they_are()
    {
        string? path = null;
        await using var server = await ServeAsync(context =>
        {
            path = context.Request.Path.Value;
            return Task.CompletedTask;
        });
        using var client = WireClient.Create(TestConfiguration.Of(null, server.Urls.Single() + "/eureka/"), TimeProvider.System);

        Assert.True(
            await client.HeartbeatAsync(
                TestRegistration.Of("host:a b?#:80"), RegistrationStatus.Up, 1, TestContext.Current.CancellationToken));

        Assert.Equal("/eureka/apps/ORDERS/host:a b?#:80", path);
    }

    private static async Task<WebApplication> ServeAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
