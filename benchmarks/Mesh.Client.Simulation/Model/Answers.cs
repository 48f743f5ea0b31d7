using System.Net;

namespace Mesh.Client.Simulation.Model;

/// <summary>What an attempt can come back with. Shared: nobody reads anything but the status.</summary>
internal static class Answers
{
    public static readonly HttpResponseMessage Ok = new(HttpStatusCode.OK);
    public static readonly HttpResponseMessage Error = new(HttpStatusCode.InternalServerError);
    public static readonly HttpResponseMessage Full = new(HttpStatusCode.ServiceUnavailable);
    public static readonly HttpRequestException Refused = new(HttpRequestError.ConnectionError, "Connection refused.");
    public static readonly TimeoutException NoAnswer = new("No answer.");
}
