namespace Snippets;

internal static class ReadmeSnippets
{
    public static void Catalog(string[] args)
    {
        // snippet: quick-start-catalog
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddMesh();

        var app = builder.Build();
        app.MapGet("/products/{id:int}", (int id, HttpContext http) => $"product {id} from port {http.Connection.LocalPort}");
        app.Run();
        // end
    }
}
