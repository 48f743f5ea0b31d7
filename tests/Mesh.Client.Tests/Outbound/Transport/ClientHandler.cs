namespace Microsoft.AspNetCore.TestHost;

/// <summary>Named as the handler of a server in the test's own process: by that alone the mesh knows it.</summary>
internal sealed class ClientHandler : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
