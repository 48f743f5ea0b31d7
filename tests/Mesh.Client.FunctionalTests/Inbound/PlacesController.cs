using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Mesh.Client.FunctionalTests.Inbound;

/// <summary>Public, because only then it is found.</summary>
[ApiController]
[Route("controller")]
public sealed class PlacesController : ControllerBase
{
    [HttpGet]
    public string Get() => EndpointProbe.Describe(HttpContext, HttpContext.GetEndpoint());
}
