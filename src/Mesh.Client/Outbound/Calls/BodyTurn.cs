using System.Runtime.CompilerServices;

namespace Mesh.Client.Outbound.Calls;

/// <summary>Lets one sending at a time read a body whose stream has only one position. Two at once would each send parts of it, without
/// an error.</summary>
internal sealed class BodyTurn
{
    /// <summary>Only bodies of messages that were sent again before their first answer.</summary>
    private static readonly ConditionalWeakTable<HttpContent, BodyTurn> Turns = [];

    // Guards _reader.
    private readonly Lock _gate = new();
    private IBodyReader? _reader;

    /// <summary>The body belongs to more than one sending from now on.</summary>
    /// <param name="content">The body; null for none.</param>
    /// <param name="first">What reads it, or is about to; null for none.</param>
    public static void Share(HttpContent? content, IBodyReader? first)
    {
        if (content is null || !RequestBody.IsReadInTurn(content))
        {
            return;
        }

        // The turn is there before the other is looked at, and the other says that it reads before it looks for a turn: one sees it.
        var turn = Turns.GetValue(content, static _ => new BodyTurn());
        Interlocked.MemoryBarrier();
        if (first is { IsReading: true })
        {
            turn.Take(first);
        }
    }

    /// <summary>Whether the reader may read the body now; it has said that it does.</summary>
    public static bool TryTake(HttpContent content, IBodyReader reader) =>
        !Turns.TryGetValue(content, out var turn) || turn.Take(reader);

    private bool Take(IBodyReader reader)
    {
        lock (_gate)
        {
            if (_reader is { IsReading: true } other && !ReferenceEquals(other, reader))
            {
                return false;
            }

            _reader = reader;
            return true;
        }
    }
}
