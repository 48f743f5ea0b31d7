using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Mesh.Client.Outbound.Calls;

/// <summary>Recognizes values of a JSON body that may be consumed by writing them once.</summary>
internal static class JsonSequence
{
    // By type, and for no longer than the type lives.
    private static readonly ConditionalWeakTable<Type, StrongBox<bool>> Known = [];

    /// <summary>Whether the value is a sequence that may only be readable once: asynchronous, or of unknown size.</summary>
    /// <remarks>The members of an object are not examined.</remarks>
    public static bool IsReadOnce(object? value) =>
        value is not null and not string && Known.GetValue(value.GetType(), static type => new StrongBox<bool>(IsReadOnceType(type))).Value;

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification =
        "An interface that was trimmed away cannot be enumerated by the serializer either.")]
    private static bool IsReadOnceType(Type type)
    {
        var interfaces = type.GetInterfaces();
        if (Array.Exists(interfaces, static i => Is(i, typeof(IAsyncEnumerable<>))))
        {
            return true;
        }

        // Enumerating a collection that consumes its items amounts to taking a copy; its own consuming sequence is no collection.
        return typeof(IEnumerable).IsAssignableFrom(type)
            && !typeof(ICollection).IsAssignableFrom(type)
            && !Array.Exists(
                interfaces,
                static i => Is(i, typeof(ICollection<>)) || Is(i, typeof(IReadOnlyCollection<>))
                    || Is(i, typeof(IProducerConsumerCollection<>)));
    }

    private static bool Is(Type type, Type definition) => type.IsGenericType && type.GetGenericTypeDefinition() == definition;
}
