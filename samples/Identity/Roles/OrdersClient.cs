using System.Net.Http.Json;

namespace Identity.Roles;

/// <summary>Calls the service <c>orders</c>. It knows nothing of users and tokens.</summary>
internal sealed class OrdersClient(HttpClient http)
{
    public async Task<Sighting[]> WhoAsync(CancellationToken cancellation) =>
        await http.GetFromJsonAsync<Sighting[]>("/who", cancellation) ?? [];
}
