namespace Mesh.Client.Model;

/// <summary>The model that this process goes by, and who wants to know when there is another.</summary>
/// <remarks>Replaced as a whole, by one writer. Whoever reads it twice may read two: a call reads it once.</remarks>
/// <param name="first">In force until the first change.</param>
internal sealed class ModelInForce(MeshModel first)
{
    // Guards the handlers. No handler runs under it, so that one may add another.
    private readonly Lock _gate = new();
    private Action<MeshModel>[] _handlers = [];
    private MeshModel _current = first;

    public MeshModel Current => Volatile.Read(ref _current);

    /// <summary>Calls <paramref name="handler"/> with each later view, in order, one at a time.</summary>
    public void OnChange(Action<MeshModel> handler)
    {
        lock (_gate)
        {
            _handlers = [.. _handlers, handler];
        }
    }

    /// <summary>Puts the next view in force. The writer then calls <see cref="Tell"/>; it does both under a lock of its own.</summary>
    public void Replace(MeshModel next) => Volatile.Write(ref _current, next);

    /// <summary>Calls the handlers with the view in force.</summary>
    /// <param name="failed">Told which part could not follow, and why. It does not keep the others from following.</param>
    public void Tell(Action<Exception, string?> failed)
    {
        Action<MeshModel>[] handlers;
        lock (_gate)
        {
            handlers = _handlers;
        }

        var view = Current;
        foreach (var handler in handlers)
        {
            try
            {
                handler(view);
            }
            catch (Exception exception)
            {
                failed(exception, handler.Method.DeclaringType?.Name);
            }
        }
    }
}
