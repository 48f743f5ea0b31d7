using Mesh.Client.Outbound.Transport;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Endpoints;

/// <summary>One address of a service, with everything that this process knows about it. Survives refreshes while its address and scheme
/// stay the same.</summary>
internal sealed class Endpoint
{
    // Guards which transports an endpoint uses, and that none stays open. Rarely taken: one lock for all endpoints.
    private static readonly Lock Gate = new();

    private EndpointDescription _description;
    private string? _name;
    private DrainNotice? _leave;
    private BalancerState? _balancerState;
    private Doubted? _doubted;
    private EndpointTransport _transport;
    private EndpointTransport? _overTls;
    private ReplacedTransports? _replaced;

    public Endpoint(EndpointDescription description, EndpointTransport transport, MeshTime now)
    {
        _description = description;
        Place = EndpointLocality.Of(description);
        _transport = transport;
        Load = new EndpointLoad(now);
    }

    /// <summary>Host and port, for messages and tags. Built on demand: in large services most endpoints are never called.</summary>
    public string Name => _name ??= NameOf(Description);

    /// <summary>Host and port that a request goes to, for texts about an attempt. Only where an instance has two ports it is not its
    /// name.</summary>
    /// <param name="secure">Whether the request asks for TLS.</param>
    public string NameFor(bool secure) =>
        secure && !IsSecure && Description is { SecurePort: not 0 } both ? NameAt(both.AddressHost, both.SecurePort) : Name;

    /// <summary>The source's last description. Only the address defines the identity; the rest may change.</summary>
    public EndpointDescription Description
    {
        get => Volatile.Read(ref _description);
        set
        {
            // A source repeats most descriptions as the same objects.
            if (!ReferenceEquals(value, _description))
            {
                Place = EndpointLocality.Of(value);
            }

            Volatile.Write(ref _description, value);
            lock (Gate)
            {
                _transport.Endpoint = value;
                if (_overTls is { } tls && tls.Endpoint.Port != value.SecurePort)
                {
                    Volatile.Write(ref _overTls, null);
                    Retire(tls);
                }
            }
        }
    }

    /// <summary>Its locality. Guarded by the service's lock.</summary>
    public EndpointLocality Place { get; private set; }

    /// <summary>Whether it has given notice that it is about to leave.</summary>
    public bool IsDraining => Volatile.Read(ref _leave) is not null;

    /// <summary>Whether it has said so as a server that still serves, not as one that is not ready yet.</summary>
    public bool IsServingOn => Volatile.Read(ref _leave) is { IsStarting: false };

    /// <summary>When it gave notice; <see cref="MeshTime.Never"/> for never. Written under the service's lock.</summary>
    public MeshTime DrainingSince => Volatile.Read(ref _leave)?.Since ?? MeshTime.Never;

    /// <summary>When the next trial is due that shows whether it still leaves; <see cref="MeshTime.Never"/> if it does not. Guarded by the
    /// service's lock.</summary>
    public MeshTime DrainingTrial => _leave?.Trial ?? MeshTime.Never;

    /// <summary>The pause until the trial after that. Guarded by the service's lock.</summary>
    public TimeSpan DrainingPause => _leave?.Pause ?? TimeSpan.Zero;

    /// <summary>Until when its notices are ignored. Written under the service's lock.</summary>
    public MeshTime DoubtedUntil => Volatile.Read(ref _doubted)?.Until ?? MeshTime.LongAgo;

    /// <summary>How long its notices are ignored after the last one was refuted; zero if none was. Guarded by the service's lock.</summary>
    public TimeSpan DoubtPause => _doubted?.Pause ?? TimeSpan.Zero;

    public bool IsSecure => Transport.IsSecure;

    /// <summary>Whether it can serve an <c>https</c> request: at its address, or at its instance's second port for TLS.</summary>
    public bool SpeaksTls => IsSecure || Description.SecurePort != 0;

    /// <summary>Its connections. They may be replaced at any time: who sends reads them once.</summary>
    public EndpointTransport Transport => Volatile.Read(ref _transport);

    public EndpointLoad Load { get; }

    public EndpointHealth Health { get; } = new();

    /// <summary>What a load balancing policy keeps about it; null for nothing.</summary>
    public object? StateOf(object balancer) => BalancerState.Get(Volatile.Read(ref _balancerState), balancer);

    /// <summary>Keeps a value of a load balancing policy while the endpoint is known.</summary>
    public void SetState(object balancer, object? value) => BalancerState.Set(ref _balancerState, balancer, value);

    /// <summary>Drops the value of a policy that is no longer used.</summary>
    public void RemoveState(object balancer) => BalancerState.Remove(ref _balancerState, balancer);

    /// <summary>The connections for a request. An instance with two ports is one endpoint, with one load and one health.</summary>
    /// <param name="secure">Whether the request asks for TLS.</param>
    public EndpointTransport TransportFor(bool secure) => !secure || IsSecure ? Transport : Volatile.Read(ref _overTls) ?? OpenOverTls();

    /// <summary>Takes other settings of its connections: requests from now on use new ones, those under way go on. Load and health
    /// stay.</summary>
    public void Follow(TransportSettings settings)
    {
        lock (Gate)
        {
            if (!ReferenceEquals(_transport.Settings, settings))
            {
                Replace(_transport, settings);
                if (_overTls is { } tls)
                {
                    Replace(tls, settings);
                }
            }
        }
    }

    /// <summary>Takes the end of an attempt. Connections that many requests share are replaced when they seem dead.</summary>
    /// <param name="transport">The connections that the request was sent on.</param>
    /// <param name="request">The request.</param>
    /// <param name="response">Its answer; null for none.</param>
    /// <param name="start">When it was sent.</param>
    /// <param name="now">When it ended.</param>
    /// <param name="timedOut">Whether its time was over; false when the caller ended it.</param>
    public void Observe(
        EndpointTransport transport, HttpRequestMessage request, HttpResponseMessage? response, MeshTime start, MeshTime now, bool timedOut)
    {
        if (!transport.IsSuspect(request, response, now))
        {
            return;
        }

        lock (Gate)
        {
            // What happens on connections that were replaced already says nothing about the present ones.
            if (!(ReferenceEquals(transport, _transport) || ReferenceEquals(transport, _overTls)) || transport.IsClosed
                || !transport.IsDead(start, now, timedOut))
            {
                return;
            }

            Replace(transport, transport.Settings);
        }

        transport.Settings.Replaced?.Invoke(transport.Endpoint);
    }

    /// <summary>Closes its connections.</summary>
    /// <param name="forGood">Whether nothing may be sent on it afterwards. Otherwise a later request opens connections again.</param>
    public void CloseConnections(bool forGood)
    {
        lock (Gate)
        {
            _transport.Close(forGood);
            _overTls?.Close(forGood);
            _replaced?.Close();
        }
    }

    /// <summary>It has given notice. The caller holds the service's lock.</summary>
    public void BeginDraining(MeshTime now, TimeSpan pause, bool isStarting = false) =>
        Volatile.Write(ref _leave, new DrainNotice(now, isStarting) { Trial = now + pause, Pause = pause });

    /// <summary>Schedules the next trial. It must be draining; the caller holds the service's lock.</summary>
    public void PlanDrainingTrial(MeshTime now, TimeSpan pause)
    {
        if (_leave is { } leave)
        {
            (leave.Trial, leave.Pause) = (now + pause, pause);
        }
    }

    /// <summary>Its notice was refuted. The caller holds the service's lock.</summary>
    public void Doubt(MeshTime now, TimeSpan pause) => Volatile.Write(ref _doubted, new Doubted(now + pause, pause));

    /// <summary>It has not left, or has returned. The caller holds the service's lock.</summary>
    public void EndDraining() => Volatile.Write(ref _leave, null);

    public override string ToString() => Name;

    /// <summary>Host and port of a described endpoint.</summary>
    public static string NameOf(EndpointDescription description) => NameAt(description.AddressHost, description.Port);

    private static string NameAt(string host, int port) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{host}:{port}");

    private EndpointTransport OpenOverTls()
    {
        lock (Gate)
        {
            var transport = _overTls ?? _transport.OverTls();
            if (_transport.IsClosed)
            {
                transport.Dispose();
            }

            Volatile.Write(ref _overTls, transport);
            return transport;
        }
    }

    private void Replace(EndpointTransport old, TransportSettings settings)
    {
        if (old.IsClosed)
        {
            return;
        }

        var next = old.Next(settings);
        if (ReferenceEquals(old, _overTls))
        {
            Volatile.Write(ref _overTls, next);
        }
        else
        {
            Volatile.Write(ref _transport, next);
        }

        Retire(old);
    }

    /// <summary>Closes connections that no request gets from now on: at once, if none is under way.</summary>
    private void Retire(EndpointTransport old)
    {
        // An attempt counts itself before it reads which connections to use. So one that is not counted here reads the new ones.
        Interlocked.MemoryBarrier();
        if (Load.InFlight == 0)
        {
            old.Close(forGood: true);
        }
        else
        {
            // Also if nothing is open there: an attempt that has chosen them may be about to.
            (_replaced ??= new ReplacedTransports()).Add(old);
        }
    }

    private sealed record Doubted(MeshTime Until, TimeSpan Pause);
}
