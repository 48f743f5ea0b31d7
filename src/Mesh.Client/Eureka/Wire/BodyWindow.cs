using System.Buffers;

namespace Mesh.Client.Eureka.Wire;

/// <summary>The part of a body that is read at the moment. A body lies in pieces; a token that crosses from one piece into the next is
/// copied.</summary>
internal ref struct BodyWindow
{
    private const int SeamBytes = 4 * 1024;

    private readonly ReadOnlySequence<byte> _body;
    private SequencePosition _next;
    private ReadOnlySpan<byte> _piece;

    /// <summary>How many of <see cref="Bytes"/> precede <see cref="_piece"/> in the body. The rest of them is the beginning of the
    /// piece.</summary>
    private int _carried;

    public BodyWindow(scoped in ReadOnlySequence<byte> body)
    {
        _body = body;
        _next = body.Start;
    }

    /// <summary>The present part. Stays readable as long as the body does, even after the window has moved.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Moves on, so that there is more to see.</summary>
    /// <param name="from">Start of an unfinished token; it is at 0 afterwards.</param>
    /// <returns>False: the body has ended, and nothing has changed.</returns>
    public bool Move(int from)
    {
        var begun = Bytes[from..];
        var taken = Bytes.Length - _carried;
        if (taken < _piece.Length && begun.Length <= taken)
        {
            // The token lies in this piece as a whole, which continues behind the copied part.
            Bytes = _piece = _piece[(taken - begun.Length)..];
            _carried = 0;
            return true;
        }

        if (taken == _piece.Length)
        {
            if (!ReadPiece())
            {
                return false;
            }

            taken = 0;
            _carried = begun.Length;
        }
        else
        {
            _carried -= from;
        }

        if (begun.IsEmpty)
        {
            Bytes = _piece;
            return true;
        }

        // Doubled each time, so that a long token is copied only a few times.
        var seam = new byte[begun.Length + Math.Max(SeamBytes, begun.Length)];
        begun.CopyTo(seam);
        var used = begun.Length;
        while (true)
        {
            var more = Math.Min(_piece.Length - taken, seam.Length - used);
            _piece.Slice(taken, more).CopyTo(seam.AsSpan(used));
            used += more;
            if (used == seam.Length || !ReadPiece())
            {
                Bytes = seam.AsSpan(0, used);
                return true;
            }

            (_carried, taken) = (used, 0);
        }
    }

    private bool ReadPiece()
    {
        while (_body.TryGet(ref _next, out var piece))
        {
            if (!piece.IsEmpty)
            {
                _piece = piece.Span;
                return true;
            }
        }

        return false;
    }
}
