using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Refit;

namespace Mesh.Client.FunctionalTests.UserCode;

public sealed class RefitTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Refit_client_works_unchanged_with_one_endpoint_dead()
    {
        await using var server = await TestServer.StartAsync(async context =>
        {
            var item = context.Request.Method == "POST"
                ? await context.Request.ReadFromJsonAsync<CatalogItem>(context.RequestAborted)
                : new CatalogItem(
                    int.Parse(context.Request.Path.Value!.Split('/')[^1], System.Globalization.CultureInfo.InvariantCulture), "Lamp");
            await context.Response.WriteAsJsonAsync(item, context.RequestAborted);
        });
        using var dead = new DeadEndpoint();
        await using var application = new MeshApplication(
            Settings.Service("catalog", dead.Url, server.Url),
            services => services.AddRefitGeneratedClient<ICatalogApi>()
                .ConfigureHttpClient(client => client.BaseAddress = new Uri("http://catalog")));
        var catalog = application.Services.GetRequiredService<ICatalogApi>();

        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(new CatalogItem(i, "Lamp"), await catalog.GetAsync(i, Token));
            Assert.Equal(new CatalogItem(i, "Chair"), await catalog.AddAsync(new CatalogItem(i, "Chair"), Token));
        }

        Assert.Equal(20, server.Requests);
    }
}

/// <summary>As users write one for Refit.</summary>
public interface ICatalogApi
{
    [Get("/items/{id}")]
    Task<CatalogItem> GetAsync(int id, CancellationToken cancellationToken);

    [Post("/items")]
    Task<CatalogItem> AddAsync([Body] CatalogItem item, CancellationToken cancellationToken);
}

public sealed record CatalogItem(int Id, string Name);
