using System.Net.Http.Json;

namespace Storefront.Roles;

/// <summary>Calls the service <c>orders</c>.</summary>
internal sealed class OrdersClient(HttpClient http)
{
    public async Task PlaceAsync(Order order, CancellationToken cancellation)
    {
        using var response = await http.PostAsJsonAsync("/orders", order, cancellation);
        response.EnsureSuccessStatusCode();
    }
}
