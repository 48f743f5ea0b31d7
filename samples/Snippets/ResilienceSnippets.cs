using System.Net.Http.Json;
using Mesh.Client;

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
    public static async Task<IResult> GetProductAsync(HttpClient http, int id, CancellationToken cancellation)
    {
        try
        {
            return Results.Text(await http.GetStringAsync($"http://catalog/products/{id}", cancellation));
        }
        catch (HttpRequestException exception) when (exception is NoEndpointException or CallRejectedException)
        {
            // Nothing was sent: no instance is known, or the circuit breaker is open.
            return Results.Problem(exception.Message, statusCode: 503);
        }
        catch (TaskCanceledException exception) when (exception.InnerException is TimeoutException)
        {
            return Results.Problem(exception.Message, statusCode: 504);
        }
    }

    // end
}
