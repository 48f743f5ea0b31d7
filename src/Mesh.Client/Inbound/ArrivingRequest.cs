using Mesh.Client.Model;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Inbound;

/// <summary>The request that is arriving on this thread. A propagator is given the headers of a request and nothing else; before that, on
/// the same thread, the host has set the request in the accessor.</summary>
/// <param name="application">The accessor of the application, if it has one.</param>
/// <param name="model">Says whether requests must be noted at all.</param>
internal sealed class ArrivingRequest(IHttpContextAccessor? application, ModelInForce model) : IHttpContextAccessor
{
    [ThreadStatic]
    private static HttpContext? _request;

    // Whether the noted request is the one in question. Its context may already be in use for another one, and must not be read.
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

    /// <summary>The application's services for the factory of requests only, which takes nothing else from them that is replaced.</summary>
    internal sealed class Services(IServiceProvider inner, ArrivingRequest accessor) : IServiceProvider
    {
        public object? GetService(Type serviceType) =>
            serviceType == typeof(IHttpContextAccessor) ? accessor : inner.GetService(serviceType);
    }
}
