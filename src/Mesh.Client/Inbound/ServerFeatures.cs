using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Client.Inbound;

/// <summary>The features of a request, indexed by <see cref="Type"/>. The generic methods of the interface cost several times as much. So
/// do the properties of the context: they drop their cache whenever a feature is set, as the deadline does.</summary>
internal static class ServerFeatures
{
    public static IHttpRequestFeature Request(this IFeatureCollection features) =>
        (IHttpRequestFeature)features[typeof(IHttpRequestFeature)]!;

    public static IHttpResponseFeature Response(this IFeatureCollection features) =>
        (IHttpResponseFeature)features[typeof(IHttpResponseFeature)]!;

    /// <summary>Null where there is no connection, as in tests of an application.</summary>
    public static IHttpConnectionFeature? Connection(this IFeatureCollection features) =>
        (IHttpConnectionFeature?)features[typeof(IHttpConnectionFeature)];

    public static IHttpRequestLifetimeFeature Lifetime(this IFeatureCollection features) =>
        (IHttpRequestLifetimeFeature?)features[typeof(IHttpRequestLifetimeFeature)] ?? new HttpRequestLifetimeFeature();

    public static void SetLifetime(this IFeatureCollection features, IHttpRequestLifetimeFeature lifetime) =>
        features[typeof(IHttpRequestLifetimeFeature)] = lifetime;
}
