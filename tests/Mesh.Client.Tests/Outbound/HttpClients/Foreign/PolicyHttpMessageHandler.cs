namespace Microsoft.Extensions.Http;

/// <summary>By this name the mesh knows the handler of Microsoft.Extensions.Http.Polly, a package that brings Polly 7.</summary>
internal class PolicyHttpMessageHandler(List<string> seen) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        seen.Add("policy");
        return base.SendAsync(request, cancellationToken);
    }

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        seen.Add("policy");
        return base.Send(request, cancellationToken);
    }
}
