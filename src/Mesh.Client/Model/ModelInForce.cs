namespace Mesh.Client.Model;

/// <summary>The model in force in this process, and the handlers that are told of the next one.</summary>
/// <remarks>Replaced as a whole, by one writer. Two reads may see two models: a call reads it once.</remarks>
/// <param name="first">In force until the first change.</param>
internal sealed class ModelInForce(MeshModel first)
{
    // Guards the handlers. They run outside of it, so that one may add another.
    private readonly Lock _gate = new();
    private Action<MeshModel>[] _handlers = [];
    private MeshModel _current = first;

    public MeshModel Current => Volatile.Read(ref _current);

    /// <summary>Calls <paramref name="handler"/> with each later model, in order, one at a time.</summary>
    public void OnChange(Action<MeshModel> handler)
    {
        lock (_gate)
        {
            _handlers = [.. _handlers, handler];
        }
    }

    /// <summary>Puts the next model in force. The writer then calls <see cref="Tell"/>; it does both under a lock of its own.</summary>
    public void Replace(MeshModel next) => Volatile.Write(ref _current, next);

    /// <summary>Calls the handlers with the model in force.</summary>
    /// <param name="failed">Told which part could not follow, and why. The others still follow.</param>
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
