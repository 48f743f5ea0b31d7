using System.Net;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;

namespace Snippets;

/// <summary>The application under test is the one in Program.cs, with a registry in its settings.</summary>
internal static class TestingSnippets
{
    public static async Task<string> SwitchedOffAsync(WebApplicationFactory<Program> application, CancellationToken cancellation)
    {
        // snippet: test-switched-off
        await using var shop = application.WithWebHostBuilder(host => host
            .UseSetting("Mesh:Enabled", "false")
            .ConfigureTestServices(services => services
                .AddHttpClient("catalog")
                .ConfigurePrimaryHttpMessageHandler(() => new FakeCatalog())));

        var answer = await shop.CreateClient().GetStringAsync("/products/1", cancellation);
        // end
        return answer;
    }

    public static async Task<string> FakeHandlerAsync(WebApplicationFactory<Program> application, CancellationToken cancellation)
    {
        // snippet: test-fake-handler
        await using var shop = application.WithWebHostBuilder(host => host
            .UseSetting("Mesh:Discovery:Eureka:ServiceUrls:0", "")
            .UseSetting("Mesh:Services:catalog:Endpoints:0", "http://catalog-1")
            .ConfigureTestServices(services => services
                .AddHttpClient("catalog")
                .ConfigurePrimaryHttpMessageHandler(() => new FakeCatalog())));

        var answer = await shop.CreateClient().GetStringAsync("/products/1", cancellation);
        // end
        return answer;
    }

    public static async Task<string> InMemoryAsync(
        WebApplicationFactory<Program> application, TestServer catalog, CancellationToken cancellation)
    {
        // snippet: test-in-memory
        await using var shop = application.WithWebHostBuilder(host => host
            .UseSetting("Mesh:Discovery:Eureka:ServiceUrls:0", "")
            .UseSetting("Mesh:Services:catalog:Endpoints:0", "http://localhost")
            .ConfigureTestServices(services => services
                .AddHttpClient("catalog")
                .ConfigurePrimaryHttpMessageHandler(() => catalog.CreateHandler())));

        var answer = await shop.CreateClient().GetStringAsync("/products/1", cancellation);
        // end
        return answer;
    }

    public static async Task<string> RealPortsAsync(
        WebApplicationFactory<Program> application, string catalogAddress, CancellationToken cancellation)
    {
        // snippet: test-real-ports
        await using var shop = application.WithWebHostBuilder(host => host
            .UseSetting("Mesh:Discovery:Eureka:ServiceUrls:0", "")
            .UseSetting("Mesh:Services:catalog:Endpoints:0", catalogAddress)
            .UseSetting("Mesh:Lifecycle:DrainDelay", "00:00:00"));
        shop.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));

        var answer = await shop.CreateClient().GetStringAsync("/products/1", cancellation);
        // end
        return answer;
    }

    public static async Task<string> RegistryAsync(WebApplicationFactory<Program> application, CancellationToken cancellation)
    {
        // snippet: test-registry
        var registryBuilder = WebApplication.CreateBuilder();
        registryBuilder.Services.AddMeshRegistry();
        await using var registry = registryBuilder.Build();
        registry.Urls.Add("http://127.0.0.1:0");
        registry.MapMeshRegistry();
        await registry.StartAsync(cancellation);
        var registryUrl = registry.Urls.Single() + "/eureka/";

        var catalogBuilder = WebApplication.CreateBuilder();
        catalogBuilder.Configuration["Mesh:Service:Name"] = "catalog";
        catalogBuilder.Configuration["Mesh:Discovery:Eureka:ServiceUrls:0"] = registryUrl;
        catalogBuilder.Configuration["Mesh:Lifecycle:DrainDelay"] = "00:00:00";
        catalogBuilder.Services.AddMesh();
        await using var catalog = catalogBuilder.Build();
        catalog.Urls.Add("http://127.0.0.1:0");
        catalog.MapGet("/products/{id}", (string id) => "product " + id);
        await catalog.StartAsync(cancellation);

        // StartAsync returns before the registry lists the application as UP.
        using var http = new HttpClient();
        while (!(await http.GetStringAsync(registryUrl + "apps", cancellation)).Contains("<status>UP</status>"))
        {
            await Task.Delay(20, cancellation);
        }

        await using var shop = application.WithWebHostBuilder(host => host
            .UseSetting("Mesh:Discovery:Eureka:ServiceUrls:0", registryUrl)
            .UseSetting("Mesh:Discovery:StartupWait", "00:00:10")
            .UseSetting("Mesh:Lifecycle:DrainDelay", "00:00:00"));

        var answer = await shop.CreateClient().GetStringAsync("/products/1", cancellation);
        // end
        return answer;
    }

    public static async Task<string> WithoutMeshAsync(
        WebApplicationFactory<Program> application, string catalogAddress, CancellationToken cancellation)
    {
        // snippet: test-without-mesh
        await using var shop = application.WithWebHostBuilder(host => host
            .UseSetting("Mesh:Discovery:Eureka:ServiceUrls:0", "")
            .ConfigureTestServices(services => services
                .AddHttpClient("catalog", client => client.BaseAddress = new Uri(catalogAddress))
                .WithoutMesh()));

        var answer = await shop.CreateClient().GetStringAsync("/products/1", cancellation);
        // end
        return answer;
    }

    // snippet: test-fake
    private sealed class FakeCatalog : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("a fake") });
    }
    // end
}
