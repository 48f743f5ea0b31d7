using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.Benchmarks.Inbound;

/// <summary>Headers in the collection of the server itself: the mesh walks through all of them, and what
/// that costs is up to the collection.</summary>
internal static class KestrelHeaders
{
    private const string TypeName = "Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http.HttpRequestHeaders";

    /// <exception cref="InvalidOperationException">This version of the server has no such type.</exception>
    public static IHeaderDictionary Create()
    {
        const bool reuseHeaderValues = true;

        // Not public, and there is no other way to one without a connection.
        var type = typeof(KestrelServer).Assembly.GetType(TypeName) ?? throw new InvalidOperationException($"There is no {TypeName}.");
        return (IHeaderDictionary)Activator.CreateInstance(type, reuseHeaderValues, null)!;
    }
}
