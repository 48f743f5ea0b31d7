using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Snippets;

namespace Mesh.Client.FunctionalTests.Context;

/// <summary>Work that several requests share is not ended by the deadline of the one that has started it.</summary>
public sealed class SharedWorkTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Request_in_a_hurry_that_starts_shared_work_does_not_end_it_for_the_others()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var told = "";
        await using var catalog = await MeshServer.StartAsync("catalog", async context =>
        {
            told = string.Join(",", context.Request.Headers.Keys.Where(name => name.StartsWith("mesh-label", StringComparison.Ordinal)));
            asked.TrySetResult();
            await goOn.Task.Soon();
            await context.Response.WriteAsync("hello", Token);
        });
        Lazy<Task<string>>? products = null;
        await using var server = await MeshServer.StartAsync(
            "web",
            async context =>
            {
                products ??= ContextSnippets.Shared(context.RequestServices.GetRequiredService<IHttpClientFactory>().CreateClient());
                await context.Response.WriteAsync(await products.Value.WaitAsync(context.RequestAborted), Token);
            },
            settings: Settings.Service("catalog", catalog.Url));
        using var http = new HttpClient();
        using var hurried = new HttpRequestMessage(HttpMethod.Get, server.Url);
        hurried.Headers.Add("mesh-deadline", "2000");
        hurried.Headers.Add("mesh-label-tenant", "acme");

        using var late = await http.SendAsync(hurried, Token).Soon();
        Assert.Equal(504, (int)late.StatusCode);
        await asked.Task.Soon();
        var other = http.GetStringAsync(new Uri(server.Url), Token);
        goOn.SetResult();

        Assert.Equal("hello", await other.Soon());
        Assert.Equal("mesh-label-tenant", told);
    }
}
