using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Snippets;

internal static class YarpSnippets
{
    public static void Gateway(WebApplicationBuilder builder)
    {
        // snippet: yarp
        builder.Services.AddMesh();
        builder.Services.AddReverseProxy()
            .LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"))
            .AddTransforms(EndMeshHeaders);
        builder.Services.AddHttpClient("yarp").UseSocketsHttpHandler((handler, _) => handler.UseCookies = false);
        builder.Services.AddSingleton<IForwarderHttpClientFactory, MeshForwarder>();
        // end
    }

    // snippet: yarp-transforms
    /// <summary>What the mesh says is meant for the gateway, or comes from an instance behind it. YARP would pass it on.</summary>
    private static void EndMeshHeaders(TransformBuilderContext context)
    {
        context.AddRequestTransform(static transform =>
        {
            foreach (var name in transform.HttpContext.Request.Headers.Keys.Where(IsOfMesh))
            {
                transform.ProxyRequest.Headers.Remove(name);
            }

            return default;
        });
        context.AddResponseTransform(static transform =>
        {
            foreach (var name in transform.HttpContext.Response.Headers.Keys.Where(IsOfMesh).ToList())
            {
                transform.HttpContext.Response.Headers.Remove(name);
            }

            return default;
        });

        static bool IsOfMesh(string name) => name.StartsWith("mesh-", StringComparison.OrdinalIgnoreCase);
    }
    // end

    // snippet: yarp-forwarder
    internal sealed class MeshForwarder(IHttpMessageHandlerFactory handlers) : IForwarderHttpClientFactory
    {
        public HttpMessageInvoker CreateClient(ForwarderHttpClientContext context) =>
            new(handlers.CreateHandler("yarp"), disposeHandler: false);
    }
    // end
}
