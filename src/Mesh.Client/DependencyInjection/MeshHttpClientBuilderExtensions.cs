using Mesh.Client.Outbound.HttpClients;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Settings of the mesh for single clients of the HttpClientFactory.</summary>
public static class MeshHttpClientBuilderExtensions
{
    /// <summary>Takes this client off the mesh: it works as it would without <c>AddMesh()</c>.</summary>
    /// <param name="builder">The client's builder.</param>
    /// <returns>The client's builder.</returns>
    /// <remarks>Has no effect where <c>AddMesh()</c> is never called. The order of the two does not matter.</remarks>
    public static IHttpClientBuilder WithoutMesh(this IHttpClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);

        // The builder of ConfigureHttpClientDefaults has no name; that means all clients, here as there.
        builder.Services.Configure<HttpClientMeshOptions>(builder.Name, static options => options.WithoutMesh = true);
        return builder;
    }

    /// <summary>States that a primary handler of a type unknown to the mesh sends each request to the address in its URI and nowhere
    /// else.</summary>
    /// <param name="builder">The client's builder.</param>
    /// <returns>The client's builder.</returns>
    /// <remarks>
    /// For test doubles and handlers of your own. Without it, requests to services reach such a handler without the mesh's headers, tokens
    /// and baggage, since it might follow a redirect with them or send them to a proxy. It has no effect on
    /// <see cref="SocketsHttpHandler"/> and <see cref="HttpClientHandler"/>: the mesh reads their settings. Trusting a handler that does
    /// send requests elsewhere gives users' tokens away.
    /// </remarks>
    public static IHttpClientBuilder TrustPrimaryHandler(this IHttpClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Configure<HttpClientMeshOptions>(builder.Name, static options => options.TrustsPrimaryHandler = true);
        return builder;
    }
}
