using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Inbound;

/// <summary>A step of a request at the matched endpoint. Steps come from the services and run in the order of their registration, once
/// for each execution of an endpoint: an error handler that executes a second one runs them again.</summary>
internal interface IEndpointStep
{
    /// <param name="context">The request. The application has authenticated the user, if it authenticates before endpoints.</param>
    /// <param name="endpoint">The endpoint as the application has mapped it; the same object for each of its requests.</param>
    /// <returns>False if the step has answered: neither the steps behind it nor the endpoint run then.</returns>
    ValueTask<bool> RunAsync(HttpContext context, Endpoint endpoint);
}
