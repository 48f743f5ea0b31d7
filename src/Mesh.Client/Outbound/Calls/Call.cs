using System.Globalization;
using Mesh.Client.Context;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Resilience;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>One call, and what its attempts share. Pooled: rented by <see cref="CallPipeline"/> and returned by it when the call has ended;
/// nothing keeps it longer.</summary>
internal sealed class Call
{
    /// <summary>The part of an inherited deadline kept back at each hop, so that the answer, or the error, still reaches the caller in
    /// time.</summary>
    public static readonly TimeSpan Reserve = TimeSpan.FromMilliseconds(5);

    /// <summary>The most that can be left of an inherited deadline when an endpoint reports it as spent: each of up to eight hops behind it
    /// keeps a reserve of its own, and deadlines are sent in whole milliseconds.</summary>
    private static readonly TimeSpan MaxRestAtEnd = TimeSpan.FromMilliseconds(50);

    /// <summary>The same for a server error that does not mention the deadline: two hops.</summary>
    private static readonly TimeSpan MaxRestAtError = 3 * Reserve;

    private static readonly TimeSpan OneMillisecond = TimeSpan.FromMilliseconds(1);

    private TriedEndpoints _tried;
    private int _triedCount;

    // What address and trust of the request were made for. The endpoint may replace its own at any time.
    private EndpointTransport? _transport;
    private bool _authorizedByUser;
    private bool _promised;

    // How an attempt on the named endpoint has failed.
    private AttemptResult _namedFailure;

    // As the user made it.
    private HttpContent? _content;

    public HttpRequestMessage Request { get; private set; } = null!;

    /// <summary>The use of the user's message by this call; lives as long as this object.</summary>
    public MessageUse Use { get; } = new();

    /// <summary>The address that the caller asked for, or the last redirect, even while an attempt has replaced it by an
    /// endpoint's.</summary>
    public Uri Address { get; private set; } = null!;

    public Service Service { get; private set; } = null!;

    /// <summary>The route that the call takes, with the model of its service: pinned for as long as the call lasts.</summary>
    public Route Route { get; private set; } = null!;

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

    /// <summary>When the call must have its response headers.</summary>
    public MeshTime Deadline { get; private set; }

    /// <summary>Whether the caller's deadline is earlier than the policy's. If it passes, no endpoint has failed.</summary>
    public bool DeadlineInherited { get; private set; }

    /// <summary>Whether the policy's part of the deadline moves with a large request body: the endpoint must then not get it as a fixed
    /// one.</summary>
    public bool DeadlineMoves { get; set; }

    /// <summary>Whether the call is a gRPC call.</summary>
    public bool IsGrpc { get; private set; }

    /// <summary>The deadline that does not move with the request body: the caller's own, or that of a gRPC call.</summary>
    public MeshTime FixedDeadline { get; private set; }

    /// <summary>The deadline of a whole gRPC call, not only of its headers: its own, that of a gRPC request, or a time that the application
    /// has set. Only this may end a stream.</summary>
    public MeshTime WholeDeadline { get; private set; }

    /// <summary>Whether this call is a repetition by a retry policy above the mesh.</summary>
    public bool IsRepeatedAbove { get; private set; }

    /// <summary>Whether the deadline is the call's own (grpc-timeout).</summary>
    public bool DeadlineIsItsOwn { get; private set; }

    /// <summary>The policy's time for the call up to its headers; <see cref="Duration.NoLimit"/> also if the call has a time of its
    /// own.</summary>
    public TimeSpan PolicyTime { get; private set; }

    /// <summary>The context that the call is made in; null for background work. Read once: nothing below looks at the flow of control
    /// again.</summary>
    public CallContext? Context { get; private set; }

    /// <summary>Holds the context, and with it the user: it ends with the request, even for a call that continues. Null for background
    /// work.</summary>
    public ContextHolder? Holder { get; private set; }

    /// <summary>Whether attempts on an endpoint carry the headers of the mesh: not to a service with <c>SendContext: false</c>, and not
    /// through a handler that would send them to a redirect's target or a proxy.</summary>
    public bool SendsContextTo(Endpoint? endpoint) => Model.SendContext && !MayRoam(endpoint);

    /// <summary>Whether the user has authorized the request itself, even if a redirect has removed the header since.</summary>
    public bool IsAuthorizedByUser =>
        _authorizedByUser |= Request.Headers.NonValidated is { Count: > 0 } headers && headers.Contains(AuthorizationSyntax.Header);

    /// <summary>Its attempts of which it is not known yet whether they failed; null for none.</summary>
    public CutAttempts? Cuts { get; set; }

    /// <summary>Whether the present attempt has all the rest of the deadline.</summary>
    public bool AttemptHasRest { get; set; }

    /// <summary>Whether the last attempt was the trial of an ejected endpoint.</summary>
    public bool OnTrial { get; set; }

    /// <summary>Set if the call is the one that an open circuit breaker has let through.</summary>
    public BreakerTrial? Trial { get; set; }

    /// <summary>Why the present attempt is made, for telemetry.</summary>
    public string AttemptReason => Attempts <= 1 ? "first" : "retry";

    /// <summary>Attempts begun so far.</summary>
    public int Attempts { get; set; }

    /// <summary>The number of attempts that were cut off while they sent the body.</summary>
    public int CutOffs { get; set; }

    /// <summary>The duration of the last attempt.</summary>
    public TimeSpan LastTook { get; set; }

    /// <summary>Whether the request may be sent twice: it is idempotent by its method or key, and its body can be read again.</summary>
    public bool Repeatable { get; private set; }

    /// <summary>Whether the body can be read again.</summary>
    public bool BodyReplayable { get; private set; }

    /// <summary>The result of the last attempt.</summary>
    public AttemptResult Last { get; set; }

    /// <summary>Where the last answer came from, if the user's own primary handler has moved on from the endpoint's address; otherwise
    /// null.</summary>
    public Uri? AnsweredAt { get; set; }

    /// <summary>Whether another attempt was refused because the retry budget was spent.</summary>
    public bool RetryRefused { get; set; }

    /// <summary>Whether the source was asked because this call found no endpoint: this is done once.</summary>
    public bool HasAsked { get; set; }

    /// <summary>The failed attempts, for the error message; null for none.</summary>
    public List<FailedAttempt>? Failures { get; private set; }

    public ReadOnlySpan<Endpoint?> Tried => ((ReadOnlySpan<Endpoint?>)_tried)[..Math.Min(_triedCount, TriedEndpoints.Capacity)];

    public Endpoint? LastTried => _triedCount == 0 ? null : _tried[(_triedCount - 1) % TriedEndpoints.Capacity];

    /// <summary>Whether the number of attempts allows another one.</summary>
    public bool HasAttemptsLeft => Attempts <= Policy.MaxRetries;

    public void Begin(
        Service service, HttpRequestMessage request, PrimaryHandler primary, bool synchronous, MeshTime now, CancellationToken callerToken)
    {
        Service = service;
        Route = service.Routes[0];
        Target = Route.Targets[0];
        Request = request;
        Address = RewrittenUri.OriginalOf(request.RequestUri)!;
        Primary = primary;
        Synchronous = synchronous;
        CallerToken = callerToken;
        Start = now;
        service.Standing.MarkCalled(now);
        PolicyTime = Policy.TimeLimit;
        Deadline = now + PolicyTime;
        FixedDeadline = WholeDeadline = MeshTime.Never;
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
                Inherit(context);
            }
        }

        Prepare();
    }

    /// <summary>The time left for the endpoint, in whole milliseconds; null when there is no deadline.</summary>
    public string? DeadlineText(MeshTime now)
    {
        // Timeout and the deadline of an HTTP request only cover the headers, and the endpoint would end the stream by them. A deadline
        // that moves cannot be sent.
        var isFixed = IsGrpc || DeadlineMoves;
        var until = IsGrpc ? WholeDeadline : isFixed ? FixedDeadline : Deadline;
        if (until.IsNever)
        {
            return null;
        }

        return !isFixed && !DeadlineInherited && now - Start < OneMillisecond
            ? Policy.TimeoutText
            : Math.Max(1, (until - now).WholeMilliseconds()).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The request body last moved at this time: the policy's time restarts there; the caller's deadline does not move.</summary>
    public void Extend(MeshTime movedAt)
    {
        if (PolicyTime == Duration.NoLimit)
        {
            return;
        }

        var own = movedAt + PolicyTime;
        DeadlineInherited = FixedDeadline < own;
        Deadline = MeshTime.Min(own, FixedDeadline);
    }

    /// <summary>Whether an answer is a consequence of the deadline that this call has inherited and passed on. An endpoint cannot use it as
    /// an excuse: it is accepted only when the time is nearly over.</summary>
    public bool IsEndedByDeadline(HttpResponseMessage response, bool failed, MeshTime now)
    {
        var rest = Deadline - now;
        return DeadlineInherited
            && rest <= MaxRestAtEnd
            && SendsContextTo(LastTried)
            && (!IsGrpc || Deadline == WholeDeadline)
            && ((failed && rest <= MaxRestAtError)
                || SpentDeadline.IsMarked(response));
    }

    /// <summary>Whether an answer is a consequence of the call's own time, which the endpoint got as the deadline. As above, it is accepted
    /// only when the time is nearly over.</summary>
    /// <remarks>Not for gRPC: there the policy's time limits only the headers, and is not sent.</remarks>
    public bool IsEndedByItsTime(HttpResponseMessage response, MeshTime now) =>
        !DeadlineInherited
        && !DeadlineMoves
        && !IsGrpc
        && Deadline - now <= MaxRestAtEnd
        && SendsContextTo(LastTried)
        && SpentDeadline.IsMarked(response);

    /// <summary>Tells the request that this call belongs to: a failure that the application answers then is not this server's.</summary>
    public void NoteDeadlineSpent()
    {
        if (!DeadlineIsItsOwn && Context is { HasRequestDeadline: true })
        {
            Holder?.NoteDeadlineSpent();
        }
    }

    /// <summary>Prepares the call for the next address after a redirect; its time goes on.</summary>
    /// <param name="address">The address that the request has now.</param>
    /// <param name="destination">The endpoint that the redirect names; null if it names none. If it fails, a retry goes neither there nor
    /// to those that have named it.</param>
    public void Redirect(Uri address, Endpoint? destination)
    {
        Address = address;
        Named = destination;
        _namedFailure = default;
        Attempts = 0;
        CutOffs = 0;
        LastTook = TimeSpan.Zero;
        DeadlineMoves = false;
        Cuts = null;
        if (destination is null)
        {
            ClearTried();
        }

        Prepare();
    }

    /// <summary>The endpoint that the last redirect has named: the first attempt after it goes there. Null for none.</summary>
    public Endpoint? Named { get; private set; }

    /// <summary>Whether the last attempt was on that endpoint.</summary>
    public bool IsAtNamed => Named is not null && ReferenceEquals(Named, LastTried);

    /// <summary>The last attempt is to be repeated elsewhere.</summary>
    public void NoteRepeated()
    {
        if (IsAtNamed)
        {
            _namedFailure = Last;
        }
    }

    /// <summary>Ends the call where a redirect leads back to the endpoint that the one before has named, and that has failed since. The
    /// failure is then the result: the others would only name it again.</summary>
    public bool TryEndAt(Endpoint? destination)
    {
        if (destination is null || !ReferenceEquals(destination, Named) || _namedFailure.Exception is null)
        {
            return false;
        }

        Last = _namedFailure;
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

    public void End()
    {
        Use.Leave();
        Named = null;
        _namedFailure = default;
        _content = null;
        Request = null!;
        Address = null!;
        Service = null!;
        Route = null!;
        Target = null!;
        Primary = null!;
        CallerToken = default;
        Context = null;
        Holder = null;
        _authorizedByUser = false;
        _promised = false;
        DeadlineInherited = false;
        DeadlineMoves = false;
        DeadlineIsItsOwn = false;
        IsGrpc = false;
        IsRepeatedAbove = false;
        Attempts = 0;
        CutOffs = 0;
        LastTook = TimeSpan.Zero;
        Last = default;
        AnsweredAt = null;
        Failures = null;
        RetryRefused = false;
        OnTrial = false;
        Trial = null;
        HasAsked = false;
        Cuts = null;
        ClearTried();
    }

    /// <summary>The last attempt took a retry from the budget when it was cut short.</summary>
    /// <param name="wanted">Whether that ended the attempt; otherwise the retry is returned.</param>
    public void Promise(bool wanted)
    {
        _promised = wanted;
        if (!wanted)
        {
            Target.Subset.Budget.GiveBack();
        }
    }

    /// <summary>Uses the reserved retry, once.</summary>
    public bool TakePromise()
    {
        var promised = _promised;
        _promised = false;
        return promised;
    }

    /// <summary>Pays the deposit of a call's first attempt into the retry budget, once it is certain to be sent.</summary>
    public void DepositFirst()
    {
        // A repetition from above is not a first attempt: it must not pay for further retries.
        if (Attempts == 1 && !IsRepeatedAbove)
        {
            Target.Subset.Budget.Deposit(Target.Subset.Model.Policy.RetryBudgetRatio);
        }
    }

    /// <summary>Whether the handler of the attempt may send it elsewhere, or through a proxy.</summary>
    /// <param name="endpoint">The endpoint of the attempt; null to judge the handler alone.</param>
    public bool MayRoam(Endpoint? endpoint) =>
        Primary.IsOwn && Primary.Reach.MayLeave(endpoint is null ? null : TransportOf(endpoint).DirectSite);

    /// <summary>The endpoint's connections for this call: those over TLS if its address asks for TLS. Those of an attempt that was sent
    /// stay the same to its end.</summary>
    public EndpointTransport TransportOf(Endpoint endpoint) => _transport ?? endpoint.TransportFor(EndpointPicker.IsSecure(this));

    /// <summary>Chooses the connections that the attempt is sent on.</summary>
    public EndpointTransport Connect(Endpoint endpoint) => _transport = endpoint.TransportFor(EndpointPicker.IsSecure(this));

    /// <summary>Host and port that this call reaches an endpoint at, for messages.</summary>
    public string NameOf(Endpoint endpoint) => endpoint.NameFor(EndpointPicker.IsSecure(this));

    public void AddTried(Endpoint endpoint)
    {
        _tried[_triedCount % TriedEndpoints.Capacity] = endpoint;
        _triedCount++;
        _transport = null;
    }

    /// <param name="endpoint">The endpoint that failed.</param>
    /// <param name="outcome">How the attempt ended.</param>
    /// <param name="failure">A description.</param>
    /// <param name="elapsed">The time until it failed.</param>
    public void AddFailure(Endpoint endpoint, CallOutcome outcome, string failure, TimeSpan elapsed) =>
        (Failures ??= []).Add(new FailedAttempt
        {
            Endpoint = NameOf(endpoint),
            Outcome = outcome.Name(),
            Failure = failure,
            Duration = elapsed,
        });

    private void Inherit(CallContext context)
    {
        // The context may come from another application in this process, with another origin of its clock.
        var clock = Service.Clock;
        var inherited = (ReferenceEquals(context.Clock, clock) ? context.Deadline : clock.Now + context.Remaining) - Reserve;
        FixedDeadline = MeshTime.Min(FixedDeadline, inherited);
        if (context.WholeDeadline is { IsNever: false } whole)
        {
            WholeDeadline = MeshTime.Min(WholeDeadline, inherited + (whole - context.Deadline));
        }

        if (inherited < Deadline)
        {
            Deadline = inherited;
            DeadlineInherited = true;
            DeadlineIsItsOwn = false;
        }
    }

    /// <summary>The time that the caller gives the call replaces the policy's, even if it is longer.</summary>
    private void BeginGrpc()
    {
        if (GrpcRequest.Timeout(Request) is { } timeout)
        {
            PolicyTime = Duration.NoLimit;
            Deadline = FixedDeadline = WholeDeadline = Start + timeout;
            DeadlineInherited = true;
            DeadlineIsItsOwn = true;
        }

        if (IsRepeatedAbove = GrpcRequest.IsRetry(Request))
        {
            Service.NoteStackedRetries();
        }
    }

    private void Prepare()
    {
        _content = Request.Content;
        BodyReplayable = RequestBody.CanReplay(_content);
        Repeatable = BodyReplayable && !IsRepeatedAbove && RequestMethods.IsIdempotent(Request);
    }

    private void ClearTried()
    {
        ((Span<Endpoint?>)_tried).Clear();
        _triedCount = 0;
        _transport = null;
    }
}
