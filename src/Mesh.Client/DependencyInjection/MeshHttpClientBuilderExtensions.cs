using Mesh.Client.DependencyInjection;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Settings of the mesh for single clients of the HttpClientFactory.</summary>
public static class MeshHttpClientBuilderExtensions
{
    /// <summary>Leaves this client as it would be without <c>AddMesh()</c>.</summary>
    /// <param name="builder">The client's builder.</param>
    /// <returns>The client's builder.</returns>
    /// <remarks>Has no effect where <c>AddMesh()</c> is never called; the order of the two does not matter.</remarks>
    public static IHttpClientBuilder WithoutMesh(this IHttpClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);

        // The builder of ConfigureHttpClientDefaults has no name, which means all clients, here as there.
        builder.Services.Configure<HttpClientMeshOptions>(builder.Name, static options => options.WithoutMesh = true);
        return builder;
    }
}
