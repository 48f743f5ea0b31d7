using Yarp.ReverseProxy.Forwarder;

namespace Snippets;

internal static class YarpSnippets
{
    public static void Gateway(WebApplicationBuilder builder)
    {
        // snippet: yarp
        builder.Services.AddMesh();
        builder.Services.AddReverseProxy().LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"));
        builder.Services.AddHttpClient("yarp").UseSocketsHttpHandler((handler, _) => handler.UseCookies = false);
        builder.Services.AddSingleton<IForwarderHttpClientFactory, MeshForwarder>();
        // end
    }

    // snippet: yarp-forwarder
    internal sealed class MeshForwarder(IHttpMessageHandlerFactory handlers) : IForwarderHttpClientFactory
    {
        public HttpMessageInvoker CreateClient(ForwarderHttpClientContext context) =>
            new(handlers.CreateHandler("yarp"), disposeHandler: false);
    }
    // end
}
