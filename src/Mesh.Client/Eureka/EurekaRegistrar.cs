using Mesh.Client.Model;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Eureka;

/// <summary>Registers this application with Eureka.</summary>
internal sealed partial class EurekaRegistrar(
    ModelInForce model,
    EurekaRegistration registration,
    RegistrationPlan plan,
    RegistrationReload reload,
    GuardedLogger<LogCategories.MeshLifecycle> logger) : IServiceRegistrar
{
    private InstanceRegistration? _prepared;

    public string Name => EurekaSource.SourceName;

    public bool IsWanted => plan.Wanted;

    public bool IsAnnouncedUp => registration.AnnouncedUp;

    public string? Prepare(OwnInstance instance)
    {
        var atStart = model.Current.Options;
        _prepared = plan.Wanted ? plan.Make(instance.Listening) : null;
        if (_prepared is { } registration && plan.LoopbackAdvice(registration) is { } advice)
        {
            LogLoopback(registration.Address.HostName, advice);
        }

        if (_prepared is { } any && plan.AnyAddress(any) is { } written)
        {
            LogAnyAddress(written.Host, written.Key);
        }

        reload.Begin(atStart, registered: _prepared is not null);
        return _prepared?.InstanceId;
    }

    public void Begin() => registration.Begin(_prepared ?? throw new InvalidOperationException("Nothing was prepared."));

    public Task EndAsync(CancellationToken cancellationToken) => registration.EndLoopAsync(cancellationToken);

    public Task AnnounceDownAsync(CancellationToken cancellationToken) => registration.AnnounceDownAsync(cancellationToken);

    public Task RemoveAsync(CancellationToken cancellationToken) => registration.RemoveAsync(cancellationToken);

    [LoggerMessage(
        2209,
        LogLevel.Warning,
        "Registering {Host}, which is this machine only, at a registry on another one: callers elsewhere refuse it, or would call "
        + "themselves. {Advice}",
        EventName = "RegisteringLoopback")]
    private partial void LogLoopback(string host, string advice);

    [LoggerMessage(
        2207,
        LogLevel.Warning,
        "Registering {Host}, which stands for all addresses of a machine: no caller can connect to it, or each connects to itself. Set "
        + "{Setting} to a name or address by which others reach this machine, or remove it to use the machine's own.",
        EventName = "RegisteringAnyAddress")]
    private partial void LogAnyAddress(string host, string setting);
}
