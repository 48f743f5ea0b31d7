using Mesh.Registry.Instances;
using Mesh.Registry.Replication;
using Mesh.Registry.Store;
using Mesh.Registry.Wire;
using Microsoft.AspNetCore.Http;

namespace Mesh.Registry.Http;

/// <summary>Queries of clients and people about the registered instances.</summary>
internal sealed class ListingEndpoints(RegistryStore store, ListingCache cache, WarmUp warmUp)
{
    public const string AddressParameter = "address";

    public Task AllAsync(HttpContext context, WireForm form) =>
        warmUp.IsOver ? RegistryResponse.WriteAsync(context, cache.Current.Full.In(form)) : Closed(context);

    public Task ChangesAsync(HttpContext context, WireForm form) => warmUp.IsOver && cache.Current.Delta is { } delta
        ? RegistryResponse.WriteAsync(context, delta.In(form))
        : Closed(context);

    public Task ApplicationAsync(HttpContext context, WireForm form)
    {
        if (!warmUp.IsOver)
        {
            return Closed(context);
        }

        return cache.Current.Application(RegistryRequest.App(context)) is { } payloads
            ? RegistryResponse.WriteAsync(context, payloads.In(form))
            : RegistryResponse.EmptyAsync(context, StatusCodes.Status404NotFound);
    }

    public Task InstanceAsync(HttpContext context, WireForm form) =>
        OneAsync(context, form, store.Snapshot.Find(RegistryRequest.Key(context)));

    public Task InstanceByIdAsync(HttpContext context, WireForm form) =>
        OneAsync(context, form, store.Snapshot.FindById(RegistryRequest.Segment(context, RegistryRequest.IdParameter)));

    public Task VirtualAddressAsync(HttpContext context, WireForm form) => SelectionAsync(context, form, secure: false);

    public Task SecureVirtualAddressAsync(HttpContext context, WireForm form) => SelectionAsync(context, form, secure: true);

    private Task SelectionAsync(HttpContext context, WireForm form, bool secure) => warmUp.IsOver
        ? RegistryResponse.WriteAsync(context, cache.Current.Selection(form, RegistryRequest.Segment(context, AddressParameter), secure))
        : Closed(context);

    // Not cached: it is requested rarely, and then the age of its lease matters.
    private Task OneAsync(HttpContext context, WireForm form, RegisteredInstance? instance) => instance is null
        ? RegistryResponse.EmptyAsync(context, StatusCodes.Status404NotFound)
        : RegistryResponse.WriteAsync(context, new Payload(cache.Instance(form, instance)));

    /// <summary>With 403 a server reports that it has nothing to offer now; clients then ask another one, or fetch everything.</summary>
    private static Task Closed(HttpContext context) => RegistryResponse.EmptyAsync(context, StatusCodes.Status403Forbidden);
}
