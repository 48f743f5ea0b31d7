using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Outbound;

/// <summary>Routes on real connections, changed under calls.</summary>
public sealed class RoutesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Slow_reports_have_their_time_and_the_other_calls_theirs()
    {
        await using var server = await TestServer.StartAsync(async context =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, context.RequestAborted);
            await context.Response.WriteAsync("slow");
        });
        await using var application = new MeshApplication(
            Settings.Service("shop", server.Url)
                .With("Services:shop:Timeout", TimeSpan.FromMilliseconds(200))
                .With("Services:shop:Routes:reports:Timeout", Patience.Limit)
                .With("Services:shop:Routes:reports:Matches:0:Path", "/reports/**")
                .With("Services:shop:Routes:batch:Timeout", Patience.Limit)
                .With("Services:shop:Routes:batch:Matches:0:Clients:0", "batch"),
            static services => services.AddHttpClient("batch"));

        Assert.Equal("slow", await application.Client().GetStringAsync(new Uri("http://shop/reports/1"), Token));
        Assert.Equal("slow", await application.Client("batch").GetStringAsync(new Uri("http://shop/"), Token));
        await Assert.ThrowsAsync<TaskCanceledException>(() => application.Client().GetAsync(new Uri("http://shop/reports-1"), Token));
    }

    [Fact]
    public async Task Changes_of_routes_under_calls_fail_none()
    {
        await using var server = await TestServer.StartAsync("hello");
        var settings = Settings.Service("shop", server.Url).With("Services:shop:Routes:all:Order", "100");
        await using var application = new MeshApplication(settings);
        await using var traffic = new Traffic(application.Client(), "http://shop/orders/1");
        for (var i = 0; i < 30; i++)
        {
            var routes = 1 + (i % 3);
            var changed = settings.With("Services:shop:Routes:all:MaxRetries", "" + (i % 4));
            for (var route = 0; route < routes; route++)
            {
                changed = changed.With($"Services:shop:Routes:r{route}:Matches:0:Path", route == 0 ? "/orders/*" : "/**");
            }

            application.Save(changed);
            await Patience.UntilAsync(
                () => application.State("shop").Routes.Length >= routes + 2
                    && application.State("shop").Routes[^2].Policy.MaxRetries == i % 4,
                "the reload is in force");
            await traffic.FlowAsync(8);
        }

        await traffic.StopAsync();
        Assert.Empty(traffic.Failures);
        Assert.True(traffic.Calls > 200);
    }
}
