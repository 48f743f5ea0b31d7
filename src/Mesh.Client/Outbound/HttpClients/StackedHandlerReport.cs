using System.Collections.Concurrent;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Outbound.HttpClients;

/// <summary>Reports which clients have handlers above the mesh that do its work a second time: once per client, or once if all clients have
/// them.</summary>
internal sealed partial class StackedHandlerReport(GuardedLogger<LogCategories.MeshHandlerFilter> logger)
{
    /// <summary>A client without configuration of its own: its handlers are those that all clients have.</summary>
    private const string AnyClient = "\0any";

    /// <summary>The reports made, by client: the factory builds the handlers of a client again every two minutes. The empty client stands
    /// for all.</summary>
    private readonly ConcurrentDictionary<(string Client, StackedKind Kind, bool Bypassed), bool> _said = new();

    public void Report(string client, StackedKind kind, bool bypassed, HttpMessageHandler handler, HttpMessageHandlerBuilder builder)
    {
        if (_said.ContainsKey((AnyClient, kind, bypassed)) || !_said.TryAdd((client, kind, bypassed), true))
        {
            return;
        }

        var all = IsDefault(kind, builder.Services);
        if (all && !_said.TryAdd((AnyClient, kind, bypassed), true))
        {
            return;
        }

        var clients = all ? "Every HttpClient" : $"HttpClient '{client}'";
        if (bypassed)
        {
            LogBypassed(logger, all ? "every HttpClient" : clients, handler.GetType().Name);
            return;
        }

        var place = all ? "ConfigureHttpClientDefaults" : "this client";
        switch (kind)
        {
            case StackedKind.Resilience:
                LogResilience(logger, clients, place);
                break;
            case StackedKind.Polly:
                LogPolly(logger, clients, place);
                break;
            case StackedKind.ServiceDiscovery:
                LogServiceDiscovery(logger, clients, place);
                break;
            default:
                LogSteeltoe(logger, clients, place);
                break;
        }
    }

    /// <summary>Whether the handler comes from <c>ConfigureHttpClientDefaults</c>: then a client without
    /// configuration of its own has it, too.</summary>
    private static bool IsDefault(StackedKind kind, IServiceProvider services)
    {
        var actions =
            services.GetRequiredService<IOptionsMonitor<HttpClientFactoryOptions>>().Get(AnyClient).HttpMessageHandlerBuilderActions;
        if (actions.Count == 0)
        {
            return false;
        }

        var builder = services.GetRequiredService<HttpMessageHandlerBuilder>();
        builder.Name = AnyClient;
        foreach (var action in actions)
        {
            action(builder);
        }

        var found = builder.AdditionalHandlers.Any(handler => StackedHandler.KindOf(handler) == kind)
            || StackedHandler.KindOf(builder.PrimaryHandler) == kind;
        foreach (var handler in builder.AdditionalHandlers)
        {
            handler.Dispose();
        }

        builder.PrimaryHandler.Dispose();
        return found;
    }
}
