using System.Net.Http.Json;

namespace Identity.Roles;

/// <summary>Calls the service <c>payments</c>. It knows nothing of users and tokens.</summary>
internal sealed class PaymentsClient(HttpClient http)
{
    public async Task<Sighting[]> WhoAsync(CancellationToken cancellation) =>
        await http.GetFromJsonAsync<Sighting[]>("/who", cancellation) ?? [];
}
