using System.Net;
using Mesh.Client.Primitives;

namespace Mesh.Client.Simulation.Model;

/// <summary>What an attempt can come back with. Shared: nobody reads anything but the status.</summary>
internal static class Answers
{
    public static readonly HttpResponseMessage Ok = new(HttpStatusCode.OK);
    public static readonly HttpResponseMessage Error = new(HttpStatusCode.InternalServerError);
    public static readonly HttpResponseMessage Full = new(HttpStatusCode.ServiceUnavailable);
    public static readonly HttpResponseMessage TooMany = new(HttpStatusCode.TooManyRequests);
    public static readonly HttpResponseMessage Shed = new(HttpStatusCode.ServiceUnavailable)
    {
        Headers = { { MeshHeaders.Overloaded, "1" } },
    };
    public static readonly HttpResponseMessage NotFound = new(HttpStatusCode.NotFound);
    public static readonly HttpResponseMessage NotImplemented = new(HttpStatusCode.NotImplemented);
    public static readonly HttpRequestException Reset = new(HttpRequestError.ResponseEnded, "The connection broke.");
    public static readonly HttpRequestException Refused = new(HttpRequestError.ConnectionError, "Connection refused.");
    public static readonly TimeoutException NoAnswer = new("No answer.");
}
