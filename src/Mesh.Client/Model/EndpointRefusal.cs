namespace Mesh.Client.Model;

/// <summary>Why an endpoint is not connected to.</summary>
/// <param name="Subject">The refused address or name.</param>
/// <param name="Rule">What is wrong with it.</param>
/// <param name="Change">What the operator can do to allow it.</param>
internal sealed record EndpointRefusal(string Subject, string Rule, string Change)
{
    public const string Section = "Mesh:Security:Endpoints";

    /// <param name="service">The service the endpoint was named for.</param>
    /// <param name="endpoint">The endpoint, as messages name it.</param>
    public string Message(string service, string endpoint) =>
        $"Endpoint {endpoint} of service '{service}' is refused by the endpoint policy: {Subject} {Rule}. {Change}";
}
