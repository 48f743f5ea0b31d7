using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Lifecycle;

/// <summary>All registrars as one. A registrar may be the application's own: one that throws or hangs harms only itself.</summary>
internal sealed partial class Registrars(
    IEnumerable<IServiceRegistrar> all, TimeProvider time, GuardedLogger<LogCategories.MeshLifecycle> logger)
{
    /// <summary>How long each step of the end may take.</summary>
    internal static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(10);

    private readonly List<IServiceRegistrar> _prepared = [];
    private bool _asked;

    public bool AnyWanted => all.Any(IsWanted);

    /// <summary>Whether callers may know this application. One that does not answer may have announced it.</summary>
    public bool AnyAnnouncedUp =>
        _asked && all.Any(registrar => Ask(registrar, static registrar => registrar.IsAnnouncedUp, otherwise: true));

    /// <summary>Lets each decide what it registers.</summary>
    /// <returns>The ids of this instance; none if nothing is registered.</returns>
    public IReadOnlyList<string> Prepare(OwnInstance instance)
    {
        _asked = true;
        List<string> ids = [];
        foreach (var registrar in all)
        {
            if (Ask(registrar, registrar => registrar.Prepare(instance), otherwise: null) is { } id)
            {
                _prepared.Add(registrar);
                ids.Add(id);
            }
            else if (IsWanted(registrar))
            {
                LogNowhereToConnect(string.Join(", ", instance.Listening));
            }
        }

        return ids;
    }

    /// <summary>Begins with those that are prepared.</summary>
    public void Begin() => _prepared.ForEach(registrar => Ask(
        registrar,
        static registrar =>
        {
            registrar.Begin();
            return true;
        },
        otherwise: false));

    public Task EndAsync(CancellationToken cancellationToken) =>
        AllAsync(static (registrar, token) => registrar.EndAsync(token), cancellationToken);

    public Task AnnounceDownAsync(CancellationToken cancellationToken) =>
        AllAsync(static (registrar, token) => registrar.AnnounceDownAsync(token), cancellationToken);

    /// <summary>Each has its own time: even a late shutdown must still remove the registration.</summary>
    public Task RemoveAsync() => AllAsync(static (registrar, token) => registrar.RemoveAsync(token), CancellationToken.None);

    private bool IsWanted(IServiceRegistrar registrar) => Ask(registrar, static registrar => registrar.IsWanted, otherwise: false);

    private Task AllAsync(Func<IServiceRegistrar, CancellationToken, Task> act, CancellationToken cancellationToken) =>
        _asked ? Task.WhenAll(all.Select(registrar => OneAsync(registrar, act, cancellationToken))) : Task.CompletedTask;

    private async Task OneAsync(
        IServiceRegistrar registrar, Func<IServiceRegistrar, CancellationToken, Task> act, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(MaxTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            await act(registrar, either.Token).WaitAsync(MaxTime, time, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            LogFailed(failure, NameOf(registrar));
        }
    }

    private T Ask<T>(IServiceRegistrar registrar, Func<IServiceRegistrar, T> what, T otherwise)
    {
        try
        {
            return what(registrar);
        }
        catch (Exception failure)
        {
            LogFailed(failure, NameOf(registrar));
            return otherwise;
        }
    }

    private static string NameOf(IServiceRegistrar registrar)
    {
        try
        {
            return registrar.Name;
        }
        catch (Exception)
        {
            return registrar.GetType().Name;
        }
    }

    [LoggerMessage(
        2202,
        LogLevel.Warning,
        "Not registered: the server listens on no TCP address, or its ports are switched off ({Addresses}).",
        EventName = "NothingToRegister")]
    private partial void LogNowhereToConnect(string addresses);

    [LoggerMessage(
        2213,
        LogLevel.Error,
        "Registrar '{Registrar}' failed, or took too long. The application goes on without it.",
        EventName = "RegistrarFailed")]
    private partial void LogFailed(Exception failure, string registrar);
}
