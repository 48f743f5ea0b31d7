using Mesh.Client.Context;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Resilience;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Primitives;
using Microsoft.Extensions.ObjectPool;

namespace Mesh.Client.Outbound.Calls;

/// <summary>One call, and what its attempts share. Pooled: rented and closed by <see cref="CallPipeline"/>, and returned when its last
/// attempt has ended; nothing keeps it longer.</summary>
/// <remarks>Long, since it has one property for each value that the steps share. What a value means is in a type of its own where it has
/// rules: <see cref="CallDeadline"/>, <see cref="NamedEndpoint"/>, <see cref="TriedEndpoints"/>, <see cref="CutAttempts"/>.</remarks>
internal sealed class Call : IResettable
{
    private static readonly ObjectPool<Call> Pool = new DefaultObjectPool<Call>(
        new DefaultPooledObjectPolicy<Call>(), maximumRetained: 256);

    /// <summary>The most targets that a call visits.</summary>
    private const int MaxTargets = 4;

    private CallDeadline _deadline;
    private TriedEndpoints _tried;

    // How many targets were left behind.
    private int _moves;
    private RouteTable _routing = RouteTable.Empty;
    private NamedEndpoint _named;
    private bool _authorizedByUser;

    // As the user made it.
    private HttpContent? _content;

    // Attempts beside each other that have not ended; see Leave.
    private int _beside;

    public Call() => First = new Attempt(this);

    /// <summary>The attempt of a call that makes one at a time; lives as long as this object.</summary>
    public Attempt First { get; }

    public HttpRequestMessage Request { get; private set; } = null!;

    /// <summary>The use of the user's message by this call; lives as long as this object.</summary>
    public MessageUse Use { get; } = new();

    /// <summary>The address that the caller asked for, or the last redirect, even while an attempt has replaced it by an
    /// endpoint's.</summary>
    public Uri Address { get; private set; } = null!;

    public Service Service { get; private set; } = null!;

    /// <summary>The route that the call takes, with the model of its service: pinned for as long as the call lasts.</summary>
    public Route Route { get; private set; } = null!;

    /// <summary>The route that has set its time: the first one, if redirects have led to others.</summary>
    public Route FirstRoute { get; private set; } = null!;

    /// <summary>Its name, for telemetry; null for a service without routes of its own.</summary>
    public string? RouteName => _routing.Index is null ? null : Route.Model.Name;

    /// <summary>Where its attempts go.</summary>
    public Target Target { get; private set; } = null!;

    public ServiceModel Model => Route.Service;

    public CallPolicy Policy => Route.Policy;

    /// <summary>The client's primary handler, below the mesh.</summary>
    public PrimaryHandler Primary { get; private set; } = null!;

    /// <summary>Whether the caller blocks (<see cref="HttpClient.Send(HttpRequestMessage)"/>).</summary>
    public bool Synchronous { get; private set; }

    public CancellationToken CallerToken { get; private set; }

    public MeshTime Start { get; private set; }

    /// <inheritdoc cref="CallDeadline.End"/>
    public MeshTime Deadline => _deadline.End;

    /// <inheritdoc cref="CallDeadline.IsInherited"/>
    public bool DeadlineInherited => _deadline.IsInherited;

    /// <inheritdoc cref="CallDeadline.Fixed"/>
    public MeshTime FixedDeadline => _deadline.Fixed;

    /// <inheritdoc cref="CallDeadline.Whole"/>
    public MeshTime WholeDeadline => _deadline.Whole;

    /// <inheritdoc cref="CallDeadline.IsItsOwn"/>
    public bool DeadlineIsItsOwn => _deadline.IsItsOwn;

    /// <inheritdoc cref="CallDeadline.PolicyTime"/>
    public TimeSpan PolicyTime => _deadline.PolicyTime;

    /// <summary>Whether the call is a gRPC call.</summary>
    public bool IsGrpc { get; private set; }

    /// <summary>Whether this call is a repetition by a retry policy above the mesh.</summary>
    public bool IsRepeatedAbove { get; private set; }

    /// <summary>The context that the call is made in; null for background work. Read once: nothing below looks at the flow of control
    /// again.</summary>
    public CallContext? Context { get; private set; }

    /// <summary>Holds the context, and with it the user: it ends with the request, even for a call that continues. Null for background
    /// work.</summary>
    public ContextHolder? Holder { get; private set; }

    /// <summary>Whether the request asks for TLS. Known schemes are one object each.</summary>
    public bool IsSecure =>
        Address.Scheme is var scheme && (ReferenceEquals(scheme, Uri.UriSchemeHttps) || ReferenceEquals(scheme, Uri.UriSchemeWss));

    /// <summary>Whether the user has authorized the request itself, even if a redirect has removed the header since.</summary>
    public bool IsAuthorizedByUser =>
        _authorizedByUser |= Request.Headers.NonValidated is { Count: > 0 } headers && headers.Contains(AuthorizationSyntax.Header);

    /// <summary>Its attempts of which it is not known yet whether they failed; null for none.</summary>
    public CutAttempts? Cuts { get; private set; }

    /// <summary>Set if the call is the one that an open circuit breaker has let through.</summary>
    public BreakerTrial? Trial { get; set; }

    /// <summary>Attempts begun so far.</summary>
    public int Attempts { get; set; }

    /// <summary>The number of attempts that were cut off while they sent the body.</summary>
    public int CutOffs { get; private set; }

    /// <summary>Whether the request may be sent twice: it is idempotent by its method or key, and its body can be read again.</summary>
    public bool Repeatable { get; private set; }

    /// <summary>Whether the body can be read again.</summary>
    public bool BodyReplayable { get; private set; }

    /// <summary>The result of the last attempt.</summary>
    public AttemptResult Last { get; set; }

    /// <inheritdoc cref="Attempt.AnsweredAt"/>
    public Uri? AnsweredAt { get; private set; }

    /// <summary>Whether another attempt was refused because the retry budget was spent.</summary>
    public bool RetryRefused { get; set; }

    /// <summary>Whether the source was asked because this call found no endpoint: this is done once.</summary>
    public bool HasAsked { get; set; }

    /// <summary>The failed attempts, for the error message; null for none.</summary>
    /// <remarks>Replaced and never added to: attempts that run side by side read it.</remarks>
    public FailedAttempt[]? Failures { get; private set; }

    public ReadOnlySpan<Endpoint?> Tried => _tried.All;

    /// <inheritdoc cref="TriedEndpoints.Last"/>
    public Endpoint? LastTried => _tried.Last;

    /// <summary>Where the attempt was whose result is <see cref="Last"/>; null for none.</summary>
    public Endpoint? LastEndpoint { get; private set; }

    /// <summary>The connections that it was reached by: the endpoint may have others by now.</summary>
    public EndpointTransport? LastTransport { get; private set; }

    /// <summary>Whether the number of attempts allows another one.</summary>
    public bool HasAttemptsLeft => Attempts <= Policy.MaxRetries;

    /// <summary>The target to go to if this one comes to nothing; null for none.</summary>
    public Target? NextTarget => _moves + 1 < Math.Min(Route.Targets.Length, MaxTargets) ? Route.Targets[_moves + 1] : null;

    public static Call Rent() => Pool.Get();

    public void Begin(
        Service service, HttpRequestMessage request, PrimaryHandler primary, bool synchronous, MeshTime now, CancellationToken callerToken)
    {
        Service = service;
        Request = request;
        Address = RewrittenUri.OriginalOf(request.RequestUri)!;
        Primary = primary;
        _routing = service.Routing;
        Choose();
        FirstRoute = Route;
        Synchronous = synchronous;
        CallerToken = callerToken;
        Start = now;
        service.Standing.MarkCalled(now);
        _deadline = CallDeadline.Begin(now, Policy.TimeLimit);
        if (IsGrpc = GrpcRequest.Is(request))
        {
            BeginGrpc();
        }

        Context = ContextHolder.Read(out var holder);
        Holder = holder;
        if (Context is { } context)
        {
            context.Probe?.Note(service.Name);
            if (context.HasDeadline)
            {
                _deadline.Inherit(context, service.Clock);
            }
        }

        Prepare();
    }

    /// <inheritdoc cref="CallDeadline.Extend"/>
    public void Extend(MeshTime movedAt) => _deadline.Extend(movedAt);

    /// <summary>Prepares the call for the next address after a redirect; its time goes on.</summary>
    /// <param name="address">The address that the request has now.</param>
    /// <param name="destination">The endpoint that the redirect names; null if it names none. If it fails, a retry goes neither there nor
    /// to those that have named it.</param>
    public void Redirect(Uri address, Endpoint? destination)
    {
        Address = address;
        Choose();
        _named = new NamedEndpoint(destination);
        Attempts = 0;
        CutOffs = 0;
        Cuts = null;
        if (destination is null)
        {
            ClearTried();
        }

        Prepare();
    }

    /// <inheritdoc cref="NamedEndpoint"/>
    public Endpoint? Named => _named.Endpoint;

    /// <summary>Whether the last attempt was on that endpoint.</summary>
    public bool IsAtNamed => _named.Is(LastEndpoint);

    /// <summary>Goes on with the next target.</summary>
    public void MoveOn()
    {
        Target = NextTarget!;
        _moves++;
        NoteRepeated();
        Last.Response?.Dispose();
        Last = default;
    }

    /// <summary>The last attempt is to be repeated elsewhere.</summary>
    public void NoteRepeated()
    {
        if (IsAtNamed)
        {
            _named.NoteRepeated(Last);
        }
    }

    /// <summary>Ends the call where a redirect leads back to an endpoint that was named before: see
    /// <see cref="NamedEndpoint.EndsAt"/>.</summary>
    public bool TryEndAt(Endpoint? destination)
    {
        if (!_named.EndsAt(destination, out var failure))
        {
            return false;
        }

        Last = failure;
        return true;
    }

    /// <summary>Whether a handler above has changed the message since, to send it elsewhere: this call goes on with a copy.</summary>
    public void KeepRequest()
    {
        var request = Request;
        if (!ReferenceEquals(request.RequestUri, Address) || !ReferenceEquals(request.Content, _content))
        {
            Request = Use.Part(Address, _content);
        }
    }

    /// <summary>An attempt has ended, and its result is the last one. From the call's own flow only: of attempts that run side by side, it
    /// takes those that count.</summary>
    public void Take(Attempt attempt)
    {
        attempt.IsTaken = true;
        Last = attempt.Result;
        AnsweredAt = attempt.AnsweredAt;
        if (!attempt.HasEntered)
        {
            return;
        }

        LastEndpoint = attempt.Endpoint;
        LastTransport = attempt.Transport;
        if (attempt.IsUnsent)
        {
            Attempts--;
            return;
        }

        if (attempt.Result.IsCutOff)
        {
            CutOffs++;
        }

        if (attempt.Failure is { } failure)
        {
            Failures = [.. Failures ?? [], failure];
        }

        if (attempt.IsUndecided)
        {
            (Cuts ??= new CutAttempts(Target.Owner.Outliers)).Add(attempt.Endpoint, attempt.Start, attempt.Waited);
        }

        if (attempt.HasAnswer && Cuts is { } cuts)
        {
            cuts.Settle(attempt.Waited);
            Cuts = null;
        }

        if (attempt.IsBeside && Last.Response is { } response && ReferenceEquals(response.RequestMessage, attempt.Request))
        {
            // The caller knows nothing of a copy.
            response.RequestMessage = Request;
        }
    }

    /// <summary>Another attempt, to be made beside the others; each ends with <see cref="Release"/>. To be called before any of them is
    /// sent: copies say what the request says now, share its content and do not own it.</summary>
    /// <remarks>The first attempt gets a copy, too, and is then to be released as well: the user gets the message back with the answer,
    /// while others still end.</remarks>
    public Attempt Beside()
    {
        if (!First.IsBeside)
        {
            First.Copy();
            Interlocked.Increment(ref _beside);
        }

        var attempt = new Attempt(this);
        attempt.Copy();
        Interlocked.Increment(ref _beside);
        return attempt;
    }

    /// <summary>An attempt that was made beside others has ended: nothing of its flow touches it or the call any more. An answer that was
    /// not taken is disposed of.</summary>
    public void Release(Attempt attempt)
    {
        attempt.Settle();
        attempt.Discard();
        Leave();
    }

    /// <summary>The caller has its answer. The call goes back to its pool, or the last attempt that still ends returns it.</summary>
    public void Close()
    {
        if (Volatile.Read(ref _beside) == 0)
        {
            Pool.Return(this);
            return;
        }

        // They have copies: the message is the user's again.
        Use.Leave();
        Leave();
    }

    /// <summary>Becomes as new.</summary>
    public bool TryReset()
    {
        First.End();
        Use.Leave();
        _named = default;
        _content = null;
        _deadline = default;
        _beside = 0;
        Request = null!;
        Address = null!;
        Service = null!;
        Route = null!;
        FirstRoute = null!;
        _routing = RouteTable.Empty;
        Target = null!;
        _moves = 0;
        Primary = null!;
        Synchronous = false;
        CallerToken = default;
        Start = default;
        Context = null;
        Holder = null;
        Trial = null;
        _authorizedByUser = false;
        IsGrpc = false;
        IsRepeatedAbove = false;
        Repeatable = false;
        BodyReplayable = false;
        Attempts = 0;
        CutOffs = 0;
        Last = default;
        AnsweredAt = null;
        Failures = null;
        RetryRefused = false;
        HasAsked = false;
        Cuts = null;
        ClearTried();
        return true;
    }

    /// <summary>An attempt begins on an endpoint.</summary>
    /// <returns>Its number within the call.</returns>
    public int Count(Endpoint endpoint)
    {
        _tried.Add(endpoint);
        return ++Attempts;
    }

    private void BeginGrpc()
    {
        if (GrpcRequest.Timeout(Request) is { } timeout)
        {
            _deadline.Replace(Start, timeout);
        }

        if (IsRepeatedAbove = GrpcRequest.IsRetry(Request))
        {
            Service.NoteStackedRetries();
        }
    }

    private void Choose()
    {
        Route = _routing.Find(Request, Address, Primary.Client);
        Target = Route.Targets[0];
        _moves = 0;
    }

    private void Prepare()
    {
        _content = Request.Content;
        BodyReplayable = RequestBody.CanReplay(_content);
        Repeatable = BodyReplayable && !IsRepeatedAbove && RequestMethods.IsIdempotent(Request);
    }

    private void ClearTried()
    {
        _tried.Clear();
        LastEndpoint = null;
        LastTransport = null;
    }

    private void Leave()
    {
        // Counted: the attempts, and what closes the call. The last one makes it negative.
        if (Interlocked.Decrement(ref _beside) < 0)
        {
            Pool.Return(this);
        }
    }
}
