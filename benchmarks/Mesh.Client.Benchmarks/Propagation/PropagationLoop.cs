using System.Diagnostics;
using Mesh.Client.Benchmarks.Measuring;
using Mesh.Client.Benchmarks.Stacks;
using Mesh.Client.Context;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Primitives;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Mesh.Client.Benchmarks.Propagation;

/// <summary>Calls of a mesh client while one request is served. The request, its user and its span with baggage are there in all cases; the
/// cases differ in what travels on.</summary>
internal sealed class PropagationLoop : ILoop
{
    private static readonly Uri Address = new(CallLoop.Address);

    private readonly ClientApplication _application;
    private readonly MeshClock _clock;
    private readonly bool _context;
    private readonly HttpContext _request = UserRequest.Create(ClientApplication.Service);

    private PropagationLoop(ClientApplication application, bool context)
    {
        _application = application;
        _clock = application.Services.GetRequiredService<MeshClock>();
        _context = context;
    }

    /// <exception cref="InvalidOperationException">What should travel on does not, or what should not does.</exception>
    public static async Task<ILoop> StartAsync(string transport, Brought brought)
    {
        HashSet<string> arrived = [];
        var stub = StubHandler.Create(transport);
        PropagatingHandler? lowest = null;
        var stack = new Stack("mesh", (services, _) =>
        {
            services.AddMesh();
            services.RemoveAll<ITransportFactory>();
            services.AddSingleton<ITransportFactory>(provider =>
            {
                var configuration = provider.GetRequiredService<ModelInForce>();
                return new StubTransportFactory(
                    lowest = new PropagatingHandler(stub, new AttemptPropagator(() => configuration.Current.Context.Baggage)));
            });
        });

        // In Development a token may go to loopback addresses without TLS. The service's own timeout is longer than any deadline here.
        List<KeyValuePair<string, string?>> settings = [new("Mesh:Defaults:Timeout", "1.00:00:00")];
        if (brought.HasFlag(Brought.Context))
        {
            settings.Add(new("Mesh:Context:Baggage:0", "tenant"));
        }

        if (brought.HasFlag(Brought.User))
        {
            settings.Add(new($"Mesh:Services:{ClientApplication.Service}:Credentials:Mode", nameof(CredentialMode.Propagate)));
        }

        var application = await ClientApplication.StartAsync(stack, stub, Environments.Development, settings);
        var loop = new PropagationLoop(application, brought.HasFlag(Brought.Context));
        await loop.RunAsync(1);
        lowest!.Leaving = request => arrived.UnionWith(request.Headers.NonValidated.Select(h => h.Key));
        await loop.RunAsync(1);
        lowest.Leaving = null;
        string[] expected =
        [
            MeshHeaders.Caller, MeshHeaders.Deadline, "traceparent",
            .. brought.HasFlag(Brought.Context) ? (string[])[MeshHeaders.LabelPrefix + "tenant", "baggage"] : [],
            .. brought.HasFlag(Brought.User) ? (string[])["Authorization"] : [],
        ];
        return arrived.SetEquals(expected)
            ? loop
            : throw new InvalidOperationException($"A call carries {string.Join(", ", arrived)} instead of {string.Join(", ", expected)}.");
    }

    public async Task RunAsync(int times)
    {
        // What an async method sets is undone for its caller when it returns.
        using var span = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).AddBaggage("tenant", "acme").Start();
        var holder = ContextHolder.Enter(
            new CallContext(_clock)
            {
                Caller = new MeshCaller("storefront", "1.0"),
                Deadline = _context ? _clock.Now + TimeSpan.FromHours(1) : MeshTime.Never,
                Labels = _context ? new ContextLabels([new(MeshHeaders.LabelPrefix + "tenant", "acme")]) : ContextLabels.Empty,
            },
            _request);
        for (var i = 0; i < times; i++)
        {
            using var response = await _application.Client.GetAsync(Address);
        }

        holder.End();
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
