using Mesh.Client;

namespace HttpList;

internal static class HttpListExtensions
{
    public const string Client = "http-list";

    /// <summary>Reads services from a plain list over HTTP, and enters this application there.</summary>
    public static IMeshBuilder AddHttpList(this IMeshBuilder mesh)
    {
        mesh.AddSettings<HttpListOptions>(
            "Discovery:HttpList", static (section, options) => section.Bind(options), "Url", "Interval", "Register");
        mesh.Services.AddOptions<HttpListOptions>()
            .Validate(static options => options.Interval >= TimeSpan.FromSeconds(1), "Mesh:Discovery:HttpList:Interval is below 1 s.")
            .ValidateOnStart();
        mesh.Services.AddSingleton<IMeshSource, HttpListSource>();
        mesh.Services.AddSingleton<IServiceRegistrar, HttpListRegistrar>();

        // The list is what the mesh is built on, so its own calls go past it.
        mesh.Services.AddHttpClient(Client, static client => client.Timeout = TimeSpan.FromSeconds(5)).WithoutMesh();
        return mesh;
    }
}
