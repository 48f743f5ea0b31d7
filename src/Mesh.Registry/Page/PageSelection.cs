using Microsoft.AspNetCore.Http;

namespace Mesh.Registry.Page;

/// <summary>The requested part of the page. The name of a service selects among the registered ones and is not written back.</summary>
/// <param name="Service">The only service to show, or null.</param>
/// <param name="OnlyNotUp">Whether only instances that are not UP are shown.</param>
internal readonly record struct PageSelection(string? Service, bool OnlyNotUp)
{
    public const string NotUpLink = "?show=not-up";

    public static PageSelection Of(IQueryCollection query) =>
        new(query["service"].ToString() is { Length: > 0 } service ? service : null, query["show"] == "not-up");
}
