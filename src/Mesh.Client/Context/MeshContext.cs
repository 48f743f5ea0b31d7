using Mesh.Client.Context;
using Mesh.Client.Primitives;

namespace Mesh.Client;

/// <summary>The context of the request that is being served: its caller, the time left, and what its own calls carry.</summary>
/// <remarks>
/// The context belongs to the request and ends with it. Work that outlives the request sees nothing of it, also when it was started inside:
/// it has no caller, no labels, no deadline, and its calls are <see cref="Mesh.Client.Criticality.Sheddable"/>. What it should take along
/// is given to <see cref="RunAs(MeshContextValues, Func{Task})"/>. Work that several requests share belongs there, too.
/// </remarks>
public static class MeshContext
{
    /// <summary>The service that the request says it comes from.</summary>
    /// <value>Null outside of requests, and when the caller is not on the mesh. For display only: any caller can claim any name.</value>
    public static MeshCaller? Caller => ContextHolder.Current?.Caller;

    /// <summary>What is left of the caller's time.</summary>
    /// <value>Null if it has set no limit; zero when it is spent.</value>
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

    /// <summary>What work started now may take along to when the request has ended.</summary>
    /// <returns>Caller, criticality, labels and user as they are here. No timeout: the
    /// request's deadline is about its own answer.</returns>
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

    /// <summary>Sets values for the code up to the disposal, on top of the request: its user stays unless another is given; its deadline
    /// stays, and can only be shortened.</summary>
    /// <param name="values">The values. <see cref="MeshContextValues.Caller"/> is taken as it is.</param>
    /// <returns>Ends it. Dispose of it in the method that began it.</returns>
    /// <exception cref="ArgumentException">A label cannot travel, or the timeout is not longer than zero.</exception>
    public static IDisposable Begin(MeshContextValues values)
    {
        var context = Create(values, ContextHolder.Current);
        return new Scope(ContextHolder.EnterInside(context, values.User?.Token, out var previous), previous);
    }

    /// <summary>Runs background work with these values, and nothing of the request that it may have been started in.</summary>
    /// <param name="values">What it takes along: of its own, or from <see cref="Capture"/>.</param>
    /// <param name="work">The work. The context ends with it.</param>
    /// <returns>The work's end.</returns>
    /// <exception cref="ArgumentException">A label cannot travel, or the timeout is not longer than zero.</exception>
    public static Task RunAs(MeshContextValues values, Func<Task> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return RunAs(values, async () =>
        {
            await work().ConfigureAwait(false);
            return true;
        });
    }

    /// <summary>Runs work with these values, and nothing of the request that it may have been started in: background work, or work whose
    /// result several requests share.</summary>
    /// <typeparam name="T">What the work results in.</typeparam>
    /// <param name="values">What it takes along: of its own, or from <see cref="Capture"/>.</param>
    /// <param name="work">The work. The context ends with it.</param>
    /// <returns>The work's result.</returns>
    /// <remarks>Shared work that is started without it has the deadline of the request that has started it, and fails for all others when
    /// that is spent. What <see cref="Capture"/> takes along is of one request, too: set <see cref="MeshContextValues.User"/> and
    /// <see cref="MeshContextValues.Labels"/> to what all who share the result have in common.</remarks>
    /// <exception cref="ArgumentException">A label cannot travel, or the timeout is not longer than zero.</exception>
    public static Task<T> RunAs<T>(MeshContextValues values, Func<Task<T>> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return RunAsync(Create(values, outer: null), values.User?.Token, work);
    }

    private static async Task<T> RunAsync<T>(CallContext context, BearerToken? user, Func<Task<T>> work)
    {
        // What an async method sets is undone for its caller when it returns.
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
