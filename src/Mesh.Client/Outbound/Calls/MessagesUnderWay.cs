using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Mesh.Client.Outbound.Transport;

namespace Mesh.Client.Outbound.Calls;

/// <summary>The messages that are being sent now, by reference. One for the process, since a message may be sent through clients of several
/// applications in it.</summary>
/// <remarks>Without a lock and without an allocation as long as few are under way: a message has eight places, chosen by its identity. If
/// all are taken, it goes to a dictionary.</remarks>
internal static class MessagesUnderWay
{
    public const int NoSlot = -1;

    private const int InOverflow = -2;
    private const int Window = 8;
    private const int Windows = 512;

    private static readonly Place[] Places = new Place[Window * Windows];
    private static readonly ConcurrentDictionary<HttpRequestMessage, MessageUse> Overflow = new();

    // At least as many as the dictionary has: asking it for its own count would lock it.
    private static int _overflow;

    public static void Add(MessageUse use)
    {
        var message = use.Message!;
        var first = First(message);
        for (var i = first; i < first + Window; i++)
        {
            // Two that find the same place empty: one gets it.
            if (Places[i].Use is null && Interlocked.CompareExchange(ref Places[i].Use, use, null) is null)
            {
                use.Slot = i;
                return;
            }
        }

        Interlocked.Increment(ref _overflow);
        if (Overflow.TryAdd(message, use))
        {
            use.Slot = InOverflow;
        }
        else
        {
            // Another use of it is there, and will be met.
            Interlocked.Decrement(ref _overflow);
        }
    }

    public static void Remove(MessageUse use)
    {
        var slot = use.Slot;
        use.Slot = NoSlot;
        if (slot >= 0)
        {
            Volatile.Write(ref Places[slot].Use, null);
        }
        else if (slot == InOverflow && Overflow.TryRemove(new(use.Message!, use)))
        {
            Interlocked.Decrement(ref _overflow);
        }
    }

    /// <summary>Whether another use has the message.</summary>
    public static bool IsUsed(HttpRequestMessage message, PrimaryHandler primary, MessageUse? except) =>
        Find(message, primary, except, into: null);

    /// <summary>All other uses of the message.</summary>
    public static List<MessageUse> OthersOf(HttpRequestMessage message, PrimaryHandler primary, MessageUse? except)
    {
        var others = new List<MessageUse>();
        Find(message, primary, except, others);
        return others;
    }

    /// <param name="message">The message.</param>
    /// <param name="primary">The handler that it is sent through.</param>
    /// <param name="except">The use that asks; null for none.</param>
    /// <param name="into">Gets all that are found; null if one is enough.</param>
    private static bool Find(HttpRequestMessage message, PrimaryHandler primary, MessageUse? except, List<MessageUse>? into)
    {
        var first = First(message);
        for (var i = first; i < first + Window; i++)
        {
            if (Volatile.Read(ref Places[i].Use) is { } use && !ReferenceEquals(use, except) && use.IsMetBy(message, primary))
            {
                if (into is null)
                {
                    return true;
                }

                into.Add(use);
            }
        }

        if (Volatile.Read(ref _overflow) > 0
            && Overflow.TryGetValue(message, out var other)
            && !ReferenceEquals(other, except)
            && other.IsMetBy(message, primary))
        {
            into?.Add(other);
            return true;
        }

        return into is { Count: > 0 };
    }

    private static int First(HttpRequestMessage message) => (RuntimeHelpers.GetHashCode(message) & (Windows - 1)) * Window;

    // A struct, so that writing one needs no check of the array's type.
    private struct Place
    {
        public MessageUse? Use;
    }
}
