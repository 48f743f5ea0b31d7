using System.Text.Json;
using Mesh.Registry.Store;
using Mesh.Registry.Wire;

namespace Mesh.Registry.Replication;

/// <summary>Registers the instances of a peer's listing.</summary>
internal static class PeerListing
{
    /// <summary>Registers a whole listing.</summary>
    /// <returns>The number of registered instances.</returns>
    public static int Register(JsonElement listing, RegistryStore store, RegistrationReader reader)
    {
        var taken = 0;
        if (listing.ValueKind != JsonValueKind.Object || !listing.TryGetProperty("applications", out var applications))
        {
            throw new JsonException("The peer's answer is not a listing.");
        }

        foreach (var app in OneOrMany(applications, "application"))
        {
            var name = app.TryGetProperty("name", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "";
            foreach (var instance in OneOrMany(app, "instance"))
            {
                taken += Register(instance, name.ToUpperInvariant(), store, reader) ? 1 : 0;
            }
        }

        return taken;
    }

    public static bool Register(JsonElement instance, string app, RegistryStore store, RegistrationReader reader) =>
        reader.Read(instance, app) is { IsValid: true } reading && store.Register(reading.Instance, fromPeer: true);

    /// <summary>Old servers write a list of one as a lone object.</summary>
    private static IEnumerable<JsonElement> OneOrMany(JsonElement parent, string name)
    {
        if (parent.ValueKind != JsonValueKind.Object || !parent.TryGetProperty(name, out var items))
        {
            return [];
        }

        return items.ValueKind == JsonValueKind.Array
            ? items.EnumerateArray().Where(static item => item.ValueKind == JsonValueKind.Object)
            : items.ValueKind == JsonValueKind.Object ? [items] : [];
    }
}
