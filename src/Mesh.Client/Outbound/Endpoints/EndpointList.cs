namespace Mesh.Client.Outbound.Endpoints;

/// <summary>The endpoints of one service, and the snapshot of them that calls choose from.</summary>
/// <remarks>Calls read <see cref="Current"/> and take no lock. Everything that changes the endpoints, their health or what a service is
/// made of happens within a <see cref="Change"/>, one after the other.</remarks>
/// <param name="select">Makes the snapshot; called within a change.</param>
internal sealed class EndpointList(Func<Endpoint[], EndpointSet> select)
{
    private readonly Func<Endpoint[], EndpointSet> _select = select;
    private readonly Lock _gate = new();
    private Endpoint[] _all = [];
    private EndpointSet _current = EndpointSet.Empty;

    /// <summary>What is in force.</summary>
    public EndpointSet Current => Volatile.Read(ref _current);

    /// <summary>Begins a change; it ends when it is disposed of. One thread may begin a change within another.</summary>
    public Change Begin() => new(this, _gate.EnterScope());

    /// <summary>The right to change the list. No other thread has it meanwhile.</summary>
    public ref struct Change
    {
        private readonly EndpointList _list;
        private Lock.Scope _scope;

        internal Change(EndpointList list, Lock.Scope scope)
        {
            _list = list;
            _scope = scope;
        }

        /// <summary>All endpoints, whatever their health. Not to be written to.</summary>
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

        /// <summary>Publishes a new snapshot, since the health of an endpoint has changed or what is chosen by.</summary>
        public readonly void Rebuild() => Volatile.Write(ref _list._current, _list._select(_list._all));

        public void Dispose() => _scope.Dispose();
    }
}
