using System.Buffers;

namespace Mesh.Client.Eureka.Wire;

/// <summary>The part of a body that is looked at. A body lies in pieces; where something begins in one piece and ends in another, the seam
/// of them is copied.</summary>
internal ref struct BodyWindow
{
    private const int SeamBytes = 4 * 1024;

    private readonly ReadOnlySequence<byte> _body;
    private SequencePosition _next;
    private ReadOnlySpan<byte> _piece;

    /// <summary>How many of <see cref="Bytes"/> stand before <see cref="_piece"/> in the body. The rest of them is how it begins.</summary>
    private int _carried;

    public BodyWindow(scoped in ReadOnlySequence<byte> body)
    {
        _body = body;
        _next = body.Start;
    }

    /// <summary>What is looked at. Stays readable as long as the body does, also when the window moves.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Moves on, so that there is more to see.</summary>
    /// <param name="from">What begins here is not finished; it stands at 0 afterwards.</param>
    /// <returns>False: the body has ended, and nothing has changed.</returns>
    public bool Move(int from)
    {
        var begun = Bytes[from..];
        var taken = Bytes.Length - _carried;
        if (taken < _piece.Length && begun.Length <= taken)
        {
            // All of it is in this piece, which has more than the seam.
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

        // Twice as much each time: what is long is copied a few times only.
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
