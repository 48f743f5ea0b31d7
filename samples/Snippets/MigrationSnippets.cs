namespace Snippets;

internal static class MigrationSnippets
{
    public static void Typed(WebApplicationBuilder builder)
    {
        // snippet: typed-client
        builder.Services.AddMesh();
        builder.Services.AddHttpClient<CatalogClient>(client => client.BaseAddress = new Uri("http://catalog/"));
        // end
    }

    public static void StockExceptMesh(WebApplicationBuilder builder)
    {
        // snippet: stock-beside-mesh
        builder.Services.AddMesh();
        builder.Services.AddHttpClient("github", client => client.BaseAddress = new Uri("https://api.github.com/"))
            .WithoutMesh()
            .AddStandardResilienceHandler();
        // end
    }

    internal sealed class CatalogClient(HttpClient http)
    {
        public Task<string> GetAsync(int id, CancellationToken cancellation) => http.GetStringAsync($"products/{id}", cancellation);
    }
}
