using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Inbound;

/// <summary>Sees each request where the outermost steps run: in the measurement of its beginning.</summary>
internal sealed class OutermostProbe : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<string> _seen = [];

    /// <param name="services">The services of the server.</param>
    public OutermostProbe(IServiceProvider services)
    {
        var meters = services.GetRequiredService<IMeterFactory>();
        var accessor = services.GetRequiredService<IHttpContextAccessor>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "mesh.server.active_requests" && ReferenceEquals(instrument.Meter.Scope, meters))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, change, _, _) =>
        {
            if (change > 0)
            {
                var context = accessor.HttpContext!;
                _seen.Enqueue($"{context.Request.Path}: {EndpointProbe.Describe(context, context.GetEndpoint())}");
            }
        });
        _listener.Start();
    }

    /// <summary>Path, endpoint and user of each request.</summary>
    public IEnumerable<string> Seen => _seen;

    public void Dispose() => _listener.Dispose();
}
