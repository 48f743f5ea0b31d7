using System.Net.Http.Json;

namespace Storefront.Roles;

/// <summary>Calls the service <c>catalog</c>.</summary>
internal sealed class CatalogClient(HttpClient http)
{
    public Task<Product?> GetAsync(int id, CancellationToken cancellation) =>
        http.GetFromJsonAsync<Product>($"/products/{id}", cancellation);
}
