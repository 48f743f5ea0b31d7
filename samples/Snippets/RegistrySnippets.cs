namespace Snippets;

internal static class RegistrySnippets
{
    public static void Serve(string[] args)
    {
        // snippet: registry
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddMeshRegistry();

        var app = builder.Build();
        app.MapMeshRegistry();          // the protocol under /eureka, a page for people at /
        app.Run("http://localhost:8761");
        // end
    }
}
