namespace Mesh.Client.Outbound.Endpoints;

/// <summary>The endpoints of one service, and the snapshot that calls pick from.</summary>
/// <remarks>Calls read <see cref="Current"/> and take no lock. Every change of the endpoints, their health or the service's settings
/// happens within a <see cref="Change"/>, one after the other.</remarks>
/// <param name="select">Builds the snapshot; called within a change.</param>
internal sealed class EndpointList(Func<Endpoint[], EndpointSet> select)
{
    private readonly Func<Endpoint[], EndpointSet> _select = select;
    private readonly Lock _gate = new();
    private Endpoint[] _all = [];
    private EndpointSet _current = EndpointSet.Empty;

    /// <summary>The snapshot in force.</summary>
    public EndpointSet Current => Volatile.Read(ref _current);

    /// <summary>Begins a change; disposing of it ends the change. A thread may nest changes.</summary>
    public Change Begin() => new(this, _gate.EnterScope());

    /// <summary>The exclusive right to change the list.</summary>
    public ref struct Change
    {
        private readonly EndpointList _list;
        private Lock.Scope _scope;

        internal Change(EndpointList list, Lock.Scope scope)
        {
            _list = list;
            _scope = scope;
        }

        /// <summary>All endpoints, whatever their health. Must not be written to.</summary>
        public readonly Endpoint[] All => _list._all;

        public readonly EndpointSet Current => _list._current;

        public readonly bool Contains(Endpoint endpoint) => Array.IndexOf(_list._all, endpoint) >= 0;

        /// <summary>Publishes other endpoints.</summary>
        /// <param name="endpoints">Belongs to the list from now on.</param>
        public readonly void Replace(Endpoint[] endpoints)
        {
            _list._all = endpoints;
            Rebuild();
        }

        /// <summary>Publishes a new snapshot after a change of an endpoint's health, or of the selection's inputs.</summary>
        public readonly void Rebuild() => Volatile.Write(ref _list._current, _list._select(_list._all));

        public void Dispose() => _scope.Dispose();
    }
}
