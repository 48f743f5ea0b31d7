using Mesh.Client.Model;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Inbound;

/// <summary>The request that is just arriving on this thread. Whoever reads the trace context of a request is given its headers and nothing
/// else; the host has told the accessor of the current request before, on the same thread.</summary>
/// <param name="application">The accessor of the application, if it has one.</param>
/// <param name="model">Says whether the request must be noted at all.</param>
internal sealed class ArrivingRequest(IHttpContextAccessor? application, ModelInForce model) : IHttpContextAccessor
{
    [ThreadStatic]
    private static HttpContext? _request;

    // Whether the noted request is the one that is asked about. Its context may be in use for
    // another one meanwhile, and is not to be asked.
    [ThreadStatic]
    private static IHeaderDictionary? _headers;

    public HttpContext? HttpContext
    {
        get => application?.HttpContext;
        set
        {
            if (application is not null)
            {
                application.HttpContext = value;
            }

            _request = value is not null && model.Current.LinksTraces ? value : null;
            _headers = _request?.Request.Headers;
        }
    }

    /// <summary>The request with these headers, if it is the one that is arriving.</summary>
    public static HttpContext? With(object? headers) => headers is not null && ReferenceEquals(headers, _headers) ? _request : null;

    /// <summary>The services of the application, but for the factory of requests, which takes
    /// nothing else from them that is replaced.</summary>
    internal sealed class Services(IServiceProvider inner, ArrivingRequest accessor) : IServiceProvider
    {
        public object? GetService(Type serviceType) =>
            serviceType == typeof(IHttpContextAccessor) ? accessor : inner.GetService(serviceType);
    }
}
