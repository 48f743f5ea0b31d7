using System.Collections;
using System.Reflection;
using Mesh.Client.Outbound.Calls;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Outbound.Transport;
using Microsoft.Extensions.ObjectPool;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>An object that comes back from its pool is as a new one, whatever has happened to it. A field that is not reset is found
/// here.</summary>
public sealed class PooledObjectTests : IDisposable
{
    private const BindingFlags Static = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private readonly MeshFixture _mesh = Fleet.Of(2);

    public static TheoryData<Type> Pooled => [.. AllPooled().Select(type => new TheoryDataRow<Type>(type))];

    public void Dispose() => _mesh.Dispose();

    [Fact]
    public void Assembly_pools_these_types_and_no_others()
    {
        Assert.Equal(
            ["AttemptCancellation", "Call", "MessageUse", "RequestDeadline"],
            AllPooled().Select(type => type.Name).Order(StringComparer.Ordinal));
        Assert.Equal(
            AllPooled().OrderBy(type => type.Name, StringComparer.Ordinal),
            typeof(Call).Assembly.GetTypes()
                .Where(type => typeof(IResettable).IsAssignableFrom(type))
                .OrderBy(type => type.Name, StringComparer.Ordinal));
    }

    /// <summary>A hand-made pool would not be seen above.</summary>
    [Fact]
    public void Assembly_keeps_nothing_else_for_later_use()
    {
        var kept = typeof(Call).Assembly.GetTypes()
            .Where(type => !type.ContainsGenericParameters)
            .SelectMany(type => type.GetFields(Static))
            .Where(field => field.IsDefined(typeof(ThreadStaticAttribute)) || IsStore(field.FieldType))
            .Select(field => $"{field.DeclaringType!.Name}.{field.Name}")
            .Order(StringComparer.Ordinal);

        // What is being sent or received on a thread, or lives as long as what it belongs to.
        Assert.Equal(["ArrivingRequest._headers", "ArrivingRequest._request", "AttemptPropagator._current"], kept);
    }

    [Theory]
    [MemberData(nameof(Pooled))]
    public void TryReset_of_any_single_field_equals_a_new_one(Type type)
    {
        var paths = PooledFields.Of(type).ToList();
        Assert.NotEmpty(paths);
        foreach (var path in paths)
        {
            var used = Begun(type);
            PooledFields.Set(used, path, Known);

            var reset = ((IResettable)used).TryReset();

            // A timer that has fired once may fire again.
            Assert.True(reset == (PooledFields.NameOf(path) != "_fired"), PooledFields.NameOf(path));
            Assert.True(
                !reset || !PooledFields.Differences(New(type), used).Any(), $"{type.Name}: {PooledFields.NameOf(path)} is not reset.");
        }
    }

    [Theory]
    [MemberData(nameof(Pooled))]
    public void TryReset_of_all_fields_equals_a_new_one(Type type)
    {
        var used = Begun(type);
        foreach (var path in PooledFields.Of(type).Where(path => PooledFields.NameOf(path) != "_fired"))
        {
            PooledFields.Set(used, path, Known);
        }

        Assert.NotEmpty(PooledFields.Differences(New(type), used));
        Assert.True(((IResettable)used).TryReset());
        Assert.Empty(PooledFields.Differences(New(type), used));
    }

    /// <summary>They stay with their attempt.</summary>
    [Fact]
    public void Clear_of_edits_equals_new_ones()
    {
        var edits = new AttemptEdits();
        foreach (var path in PooledFields.Of(typeof(AttemptEdits)))
        {
            PooledFields.Set(edits, path, Known);
        }

        Assert.Equal(6, PooledFields.Differences(new AttemptEdits(), edits).Count());
        edits.Clear();
        Assert.Empty(PooledFields.Differences(new AttemptEdits(), edits));
    }

    [Fact]
    public void Begin_of_an_attempt_leaves_nothing_of_the_one_before()
    {
        var call = (Call)Begun(typeof(Call));
        var kept = PooledFields.Of(typeof(Attempt)).ToList();
        kept.ForEach(path => PooledFields.Set(call.First, path, Known));

        call.First.Begin();

        // It keeps its request, and that it is not wanted any more.
        Assert.Equal(["_copy", "_unwanted"], PooledFields.Differences(New(typeof(Call)), call)
            .Where(name => name.StartsWith("<First>", StringComparison.Ordinal))
            .Select(name => name.Split('.')[^1])
            .Order(StringComparer.Ordinal));
    }

    /// <summary>The tests above can fail.</summary>
    [Fact]
    public void TryReset_field_that_is_forgotten_is_found()
    {
        var forgetful = new Forgetful();
        foreach (var path in PooledFields.Of(typeof(Forgetful)))
        {
            PooledFields.Set(forgetful, path, Known);
        }

        forgetful.TryReset();

        Assert.Equal(["_forgotten", "_places"], PooledFields.Differences(new Forgetful(), forgetful));
    }

    private static IEnumerable<Type> AllPooled() => typeof(Call).Assembly.GetTypes()
        .Where(type => !type.ContainsGenericParameters)
        .SelectMany(type => type.GetFields(Static | BindingFlags.Instance))
        .Select(field => PooledIn(field.FieldType))
        .OfType<Type>()
        .Distinct();

    private static Type? PooledIn(Type? pool) =>
        pool is null ? null
        : pool.IsGenericType && pool.GetGenericTypeDefinition() == typeof(ObjectPool<>) ? pool.GetGenericArguments()[0]
        : PooledIn(pool.BaseType);

    private static bool IsStore(Type type) => type.IsGenericType
        && type.GetGenericTypeDefinition() is var open
        && (open == typeof(ThreadLocal<>)
            || open.Namespace == "System.Collections.Concurrent" && open.Name.StartsWith("ConcurrentBag", StringComparison.Ordinal)
            || (typeof(IEnumerable).IsAssignableFrom(open)
                && (open.Name.Contains("Stack", StringComparison.Ordinal) || open.Name.Contains("Queue", StringComparison.Ordinal))));

    private static object New(Type type) => Activator.CreateInstance(type, nonPublic: true)!;

    /// <summary>In use: what it holds is given back when it is reset.</summary>
    private object Begun(Type type)
    {
        var made = New(type);
        if (made is Call call)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, Fleet.Url);
            call.Begin(_mesh.Catalog(), request, _mesh.Handler.Primary, synchronous: true, TestTime.At(5), CancellationToken.None);
        }

        return made;
    }

    private object? Known(Type type) =>
        type == typeof(Service) ? _mesh.Catalog()
        : type == typeof(Route) ? _mesh.Catalog().Routes[0]
        : type == typeof(Target) ? _mesh.Catalog().Routes[0].Targets[0]
        : type == typeof(PrimaryHandler) ? _mesh.Handler.Primary
        : type == typeof(ITimer) ? _mesh.Time.CreateTimer(static _ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan)
        : null;

    private sealed class Forgetful : IResettable
    {
#pragma warning disable CS0169, CS0414, CS0649, IDE0044, IDE0051, IDE0052 // Written by reflection.
        private bool _reset;
        private object? _forgotten;
        private TriedEndpoints _places;
#pragma warning restore CS0169, CS0414, CS0649, IDE0044, IDE0051, IDE0052

        public bool TryReset()
        {
            _reset = false;
            return true;
        }
    }
}
