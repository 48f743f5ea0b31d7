using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using Mesh.Client.Benchmarks.Measuring;
using Mesh.Client.Benchmarks.Stacks;
using Mesh.Client.Context;
using Mesh.Client.Inbound;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Calls;
using Mesh.Client.Outbound.HttpClients;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Endpoint = Mesh.Client.Outbound.Endpoints.Endpoint;

namespace Mesh.Client.Benchmarks.Telemetry;

/// <summary>All that the mesh does for telemetry of a call that succeeds, and of a request that is served, and nothing else.</summary>
internal sealed class TelemetryLoop : ILoop
{
    private readonly ClientApplication _application;
    private readonly CallTelemetry _calls;
    private readonly ServerTelemetry _requests;
    private readonly MeshMetrics _metrics;
    private readonly Call _call = new();
    private readonly Endpoint _endpoint;
    private readonly DefaultHttpContext _request = new();
    private readonly CallContext _context = new(clock: null);

    private TelemetryLoop(ClientApplication application, HttpRequestMessage sent, MeshHandler shell)
    {
        _application = application;
        _calls = application.Services.GetRequiredService<CallTelemetry>();
        _requests = application.Services.GetRequiredService<ServerTelemetry>();
        _metrics = application.Services.GetRequiredService<MeshMetrics>();
        application.Services.GetRequiredService<ServiceDirectory>().Find(new Uri(CallLoop.Address), out var service);
        _endpoint = service!.Endpoints.Current.All[0];
        _call.Begin(service, sent, shell.Primary, synchronous: false, now: default, CancellationToken.None);
        _call.First.Enter(_endpoint, start: default, trial: false);
        _call.Last = new AttemptResult(new HttpResponseMessage(HttpStatusCode.OK), CallOutcome.Ok);
    }

    /// <exception cref="InvalidOperationException">With listeners, the loop does not write what it should.</exception>
    public static async Task<ILoop> StartAsync()
    {
        var application = await ClientApplication.StartAsync(KnownStacks.Mesh, StubHandler.Create(BenchmarkCase.Sync));
        var loop = new TelemetryLoop(
            application,
            new HttpRequestMessage(HttpMethod.Get, CallLoop.Address),
            new MeshHandler(application.Services.GetRequiredService<CallPipeline>(), ownPrimary: false));
        Check(loop);
        return loop;
    }

    public Task RunAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            var call = _calls.Begin(_call);
            if (AttemptTelemetry.IsListening)
            {
                var facts = AttemptTelemetry.Begin(_call.First);
                using var response = AttemptPipeline.Send(_call.First, CancellationToken.None);
                facts.End();
            }

            if (_metrics.CountsAttempts)
            {
                _metrics.AttemptEnded(_call.Service.Name, _endpoint.Name, _call.Last.Outcome, _call.First.Reason);
            }

            _calls.End(_call, call);
            _requests.End(_request, _context, _requests.Begin(), start: default, completed: true);
        }

        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    /// <summary>Somebody listens for once: then there must be spans, measurements and bytes.</summary>
    private static void Check(TelemetryLoop loop)
    {
        var written = new SortedSet<string>(StringComparer.Ordinal);
        using var meters = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == MeshTelemetry.MeterName)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        meters.SetMeasurementEventCallback<double>((instrument, _, _, _) => written.Add(instrument.Name));
        meters.SetMeasurementEventCallback<long>((instrument, _, _, _) => written.Add(instrument.Name));
        using var spans = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == MeshTelemetry.ActivitySourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => written.Add(span.OperationName),
        };
        meters.Start();
        ActivitySource.AddActivityListener(spans);
        _ = loop.RunAsync(1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        _ = loop.RunAsync(1);
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        string[] expected =
        [
            "mesh " + ClientApplication.Service, "mesh.client.active_calls", "mesh.client.attempts", "mesh.client.call.duration",
            "mesh.server.active_requests", "mesh.server.request.duration",
        ];
        if (!written.SetEquals(expected) || bytes == 0)
        {
            throw new InvalidOperationException($"With listeners there are {bytes} bytes, and {string.Join(", ", written)} instead of "
                + $"{string.Join(", ", expected)}.");
        }
    }
}
