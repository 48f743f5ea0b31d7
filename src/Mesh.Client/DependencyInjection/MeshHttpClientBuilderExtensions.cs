using Mesh.Client.Outbound.HttpClients;

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

    /// <summary>Vouches for a primary handler of a type that the mesh does not know: it sends each request to the
    /// address in its URI and nowhere else.</summary>
    /// <param name="builder">The client's builder.</param>
    /// <returns>The client's builder.</returns>
    /// <remarks>
    /// For test doubles and handlers of your own. Without it such a handler gets requests to services without the mesh's headers, tokens
    /// and baggage, since it might take them to the target of a redirect or show them to a proxy. It has no effect on
    /// <see cref="SocketsHttpHandler"/> and <see cref="HttpClientHandler"/>, whose settings say what they do. Vouching for a handler that
    /// does go elsewhere gives users' tokens away.
    /// </remarks>
    public static IHttpClientBuilder TrustPrimaryHandler(this IHttpClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Configure<HttpClientMeshOptions>(builder.Name, static options => options.TrustsPrimaryHandler = true);
        return builder;
    }
}
