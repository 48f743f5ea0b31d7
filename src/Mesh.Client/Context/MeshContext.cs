using Mesh.Client.Context;
using Mesh.Client.Primitives;

namespace Mesh.Client;

/// <summary>The context of the request that is being served: its caller, the time left, and what its own calls carry.</summary>
/// <remarks>
/// The context belongs to the request and ends with it. Work that outlives the request sees nothing of it, even if it was started inside:
/// it has no caller, no labels and no deadline, and its calls are <see cref="Mesh.Client.Criticality.Sheddable"/>. Pass the values that it
/// should keep to <see cref="RunAsync(MeshContextValues, Func{Task})"/>. Do the same for work that several requests share.
/// </remarks>
public static class MeshContext
{
    /// <summary>The service that the request says it comes from.</summary>
    /// <value>Null outside of requests, and when the caller is not on the mesh. For display only: any caller can claim any name.</value>
    public static MeshCaller? Caller => ContextHolder.Current?.Caller;

    /// <summary>The time left until the caller's deadline.</summary>
    /// <value>Null if the caller has set no deadline; zero when it has passed.</value>
    public static TimeSpan? Remaining =>
        ContextHolder.Current is { HasDeadline: true } context ? Duration.Max(TimeSpan.Zero, context.Remaining) : null;

    /// <summary>How much the request matters under overload.</summary>
    /// <value><see cref="Mesh.Client.Criticality.Critical"/> for a request that does not say otherwise,
    /// <see cref="Mesh.Client.Criticality.Sheddable"/> outside of requests.</value>
    public static Criticality Criticality => ContextHolder.Current?.Criticality ?? Criticality.Sheddable;

    /// <summary>The labels (tenant, lane, …) that came with the request and travel on with its calls.</summary>
    /// <value>Never null. Only trusted callers can set them.</value>
    public static IReadOnlyDictionary<string, string> Labels => (ContextHolder.Current?.Labels ?? ContextLabels.Empty).Values;

    /// <summary>The number of the attempt that the caller makes with this request.</summary>
    /// <value>1 for the first.</value>
    public static int Attempt => ContextHolder.Current?.Attempt ?? 1;

    /// <summary>Captures the values that work started now may keep after the request has ended.</summary>
    /// <returns>Caller, criticality, labels and user of this request. No timeout: the request's deadline applies to its own answer
    /// only.</returns>
    public static MeshContextValues Capture()
    {
        ContextHolder.Read(out var holder);
        return new()
        {
            Caller = Caller,
            Criticality = Criticality,
            Labels = Labels,
            User = holder?.User is { } token ? new MeshUser(token) : null,
        };
    }

    /// <summary>Sets values for the code up to the disposal, on top of the request. The user of the request stays unless another one is
    /// given; its deadline stays and can only be shortened.</summary>
    /// <param name="values">The values. <see cref="MeshContextValues.Caller"/> is taken as it is.</param>
    /// <returns>Ends the scope. Dispose of it in the method that began it.</returns>
    /// <exception cref="ArgumentException">A label cannot travel, or the timeout is not longer than zero.</exception>
    public static IDisposable Begin(MeshContextValues values)
    {
        var context = Create(values, ContextHolder.Current);
        return new Scope(ContextHolder.EnterInside(context, values.User?.Token, out var previous), previous);
    }

    /// <summary>Runs background work with these values, independent of the request that it may have been started in.</summary>
    /// <param name="values">What the work keeps: values of its own, or those of <see cref="Capture"/>.</param>
    /// <param name="work">The work. The context ends with it.</param>
    /// <returns>Completes when the work has ended.</returns>
    /// <exception cref="ArgumentException">A label cannot travel, or the timeout is not longer than zero.</exception>
    public static Task RunAsync(MeshContextValues values, Func<Task> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return RunAsync(values, async () =>
        {
            await work().ConfigureAwait(false);
            return true;
        });
    }

    /// <summary>Runs work with these values, independent of the request that it may have been started in: background work, or work with a
    /// result that several requests share.</summary>
    /// <typeparam name="T">The result of the work.</typeparam>
    /// <param name="values">What the work keeps: values of its own, or those of <see cref="Capture"/>.</param>
    /// <param name="work">The work. The context ends with it.</param>
    /// <returns>The work's result.</returns>
    /// <remarks>Shared work that is started without it has the deadline of the request that started it, and fails for all others when that
    /// has passed. The values of <see cref="Capture"/> belong to one request, too: set <see cref="MeshContextValues.User"/> and
    /// <see cref="MeshContextValues.Labels"/> to what all requests that share the result have in common.</remarks>
    /// <exception cref="ArgumentException">A label cannot travel, or the timeout is not longer than zero.</exception>
    public static Task<T> RunAsync<T>(MeshContextValues values, Func<Task<T>> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return RunInAsync(Create(values, outer: null), values.User?.Token, work);
    }

    private static async Task<T> RunInAsync<T>(CallContext context, BearerToken? user, Func<Task<T>> work)
    {
        // A value set by an async method is undone for its caller when the method returns.
        var holder = ContextHolder.Enter(context, user: user);
        try
        {
            return await work().ConfigureAwait(false);
        }
        finally
        {
            holder.End();
        }
    }

    private static InnerContext Create(MeshContextValues values, CallContext? outer)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Timeout <= TimeSpan.Zero)
        {
            throw new ArgumentException($"The timeout {values.Timeout} is not longer than zero.", nameof(values));
        }

        var clock = outer is { HasDeadline: true } ? outer.Clock! : MeshClock.System;
        var own = values.Timeout is { } timeout ? clock.Now + timeout : MeshTime.Never;
        return new InnerContext(clock)
        {
            Caller = values.Caller,
            Criticality = values.Criticality,
            Labels = ContextLabels.From(values.Labels),
            Deadline = MeshTime.Min(own, outer?.Deadline ?? MeshTime.Never),
            OwnDeadline = MeshTime.Min(own, (outer as InnerContext)?.OwnDeadline ?? MeshTime.Never),
            Whole = MeshTime.Min(own, outer?.WholeDeadline ?? MeshTime.Never),
            SaidAttempt = outer?.SaidAttempt ?? 1,
        };
    }

    private sealed class Scope(ContextHolder holder, ContextHolder? previous) : IDisposable
    {
        public void Dispose() => holder.Leave(previous);
    }
}
