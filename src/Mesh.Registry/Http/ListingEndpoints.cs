using Microsoft.AspNetCore.Http;

namespace Mesh.Registry;

/// <summary>What clients and people ask about the registered instances.</summary>
internal sealed class ListingEndpoints(RegistryStore store, ListingCache cache)
{
    public const string AddressParameter = "address";

    public Task AllAsync(HttpContext context) => RegistryResponse.WriteAsync(context, cache.Current.Full);

    /// <summary>403 is how a server says that it has no changes to offer; clients then fetch everything.</summary>
    public Task ChangesAsync(HttpContext context) => cache.Current.Delta is { } delta
        ? RegistryResponse.WriteAsync(context, delta)
        : RegistryResponse.EmptyAsync(context, StatusCodes.Status403Forbidden);

    public Task ApplicationAsync(HttpContext context) => cache.Current.Application(RegistryRequest.App(context)) is { } payload
        ? RegistryResponse.WriteAsync(context, payload)
        : RegistryResponse.EmptyAsync(context, StatusCodes.Status404NotFound);

    public Task InstanceAsync(HttpContext context) => OneAsync(context, store.Snapshot.Find(RegistryRequest.Key(context)));

    public Task InstanceByIdAsync(HttpContext context) =>
        OneAsync(context, store.Snapshot.FindById(RegistryRequest.Segment(context, RegistryRequest.IdParameter)));

    public Task VirtualAddressAsync(HttpContext context) => SelectionAsync(context, secure: false);

    public Task SecureVirtualAddressAsync(HttpContext context) => SelectionAsync(context, secure: true);

    private Task SelectionAsync(HttpContext context, bool secure) =>
        RegistryResponse.WriteAsync(context, cache.Current.Selection(RegistryRequest.Segment(context, AddressParameter), secure));

    // Not cached: it is asked for rarely, and then the age of its lease matters.
    private Task OneAsync(HttpContext context, RegisteredInstance? instance) => instance is null
        ? RegistryResponse.EmptyAsync(context, StatusCodes.Status404NotFound)
        : RegistryResponse.WriteAsync(context, new Payload(cache.Instance(instance)));
}
