using System.Net.Http.Json;
using Mesh.Client;
using Microsoft.Extensions.Logging;

namespace Snippets;

internal static class ResilienceSnippets
{
    public static async Task<HttpResponseMessage> PlaceAsync(HttpClient http, object order, CancellationToken cancellation)
    {
        // snippet: idempotency-key
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://orders/orders") { Content = JsonContent.Create(order) };
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        return await http.SendAsync(request, cancellation);
        // end
    }

    // snippet: errors
    public static async Task<IResult> GetProductAsync(HttpClient http, int id, ILogger logger, CancellationToken cancellation)
    {
        try
        {
            return Results.Text(await http.GetStringAsync($"http://catalog/products/{id}", cancellation));
        }
        catch (MeshException exception)
        {
            // Not sent: no instance is known, the circuit breaker is open, or there is no token that may be sent.
            return Results.Problem($"{exception.Service} cannot be called.", statusCode: 503);
        }
        catch (HttpRequestException exception)
        {
            foreach (var attempt in MeshException.AttemptsOf(exception))
            {
                logger.LogWarning("{Endpoint} failed: {Outcome} after {Duration}", attempt.Endpoint, attempt.Outcome, attempt.Duration);
            }

            return Results.Problem("The catalog has failed.", statusCode: 502);
        }
        catch (TaskCanceledException exception) when (exception.InnerException is TimeoutException)
        {
            return Results.Problem("The catalog takes too long.", statusCode: 504);
        }
    }

    // end
}
