using System.Globalization;
using Mesh.Client.Context;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Resilience;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>One call and what its attempts share. Pooled: rented by <see cref="CallPipeline"/>, returned by it when the call has ended;
/// nothing keeps it longer.</summary>
internal sealed class Call
{
    /// <summary>Kept back of an inherited deadline at each hop, so that the answer, or the
    /// error, is still in time for the caller.</summary>
    public static readonly TimeSpan Reserve = TimeSpan.FromMilliseconds(5);

    /// <summary>What is left at most of an inherited deadline when an endpoint says that it is spent: each of up to eight hops behind it
    /// keeps a reserve of its own, and whole milliseconds are sent.</summary>
    private static readonly TimeSpan MaxRestAtEnd = TimeSpan.FromMilliseconds(50);

    /// <summary>The same for a server error that says nothing of the deadline: two hops.</summary>
    private static readonly TimeSpan MaxRestAtError = 3 * Reserve;

    private static readonly TimeSpan OneMillisecond = TimeSpan.FromMilliseconds(1);

    private TriedEndpoints _tried;
    private int _triedCount;
    private bool _authorizedByUser;
    private bool _promised;
    private Endpoint? _destination;

    public HttpRequestMessage Request { get; private set; } = null!;

    /// <summary>What the caller asked for, also while an attempt, or another call with the same message, has put an endpoint's address on
    /// it.</summary>
    public Uri Address => RewrittenUri.OriginalOf(Request.RequestUri)!;

    public Service Service { get; private set; } = null!;

    public ServicePolicy Policy { get; private set; } = null!;

    /// <summary>What stands below the mesh in the client that makes the call.</summary>
    public PrimaryHandler Primary { get; private set; } = null!;

    /// <summary>Whether the caller blocks (<see cref="HttpClient.Send(HttpRequestMessage)"/>).</summary>
    public bool Synchronous { get; private set; }

    public CancellationToken CallerToken { get; private set; }

    public MeshTime Start { get; private set; }

    /// <summary>When the call must have its response headers.</summary>
    public MeshTime Deadline { get; private set; }

    /// <summary>Whether the caller's deadline is earlier than the policy's. If it passes, no endpoint has failed.</summary>
    public bool DeadlineInherited { get; private set; }

    /// <summary>Whether the policy's part of the deadline moves with a large request body: the endpoint must
    /// then not be told it as a fixed one.</summary>
    public bool DeadlineMoves { get; set; }

    /// <summary>Whether the call is one of gRPC.</summary>
    public bool IsGrpc { get; private set; }

    /// <summary>The deadline that does not wait for a request body that moves: the caller's own, or that of a gRPC call.</summary>
    public MeshTime FixedDeadline { get; private set; }

    /// <summary>The deadline of a whole gRPC call, not only of its headers: its own, or that of a request of gRPC, or a time that the
    /// application has set. Only this may end a stream.</summary>
    public MeshTime WholeDeadline { get; private set; }

    /// <summary>Whether a retry policy above repeats the call, and this is such a repetition.</summary>
    public bool IsRepeatedAbove { get; private set; }

    /// <summary>Whether the time is what the call itself was given (grpc-timeout).</summary>
    public bool DeadlineIsItsOwn { get; private set; }

    /// <summary>How long the policy gives the call up to its headers; <see cref="Duration.NoLimit"/> also where the call was given a time
    /// of its own.</summary>
    public TimeSpan PolicyTime { get; private set; }

    /// <summary>What the call is part of; null for background work. Read once: nothing below looks at the flow of control again.</summary>
    public CallContext? Context { get; private set; }

    /// <summary>What holds the context, and with it the user: it ends with the request, also for a call
    /// that goes on. Null for background work.</summary>
    public ContextHolder? Holder { get; private set; }

    /// <summary>Whether attempts on an endpoint carry the headers of the mesh: not to a service with <c>SendContext: false</c>, and not
    /// through a handler that would take them to a redirect's target, or show them to a proxy.</summary>
    public bool SendsContextTo(Endpoint? endpoint) => Policy.SendContext && !MayRoam(endpoint);

    /// <summary>Whether the user has authorized the request itself; also after a redirect has taken that off.</summary>
    public bool IsAuthorizedByUser =>
        _authorizedByUser |= Request.Headers.NonValidated is { Count: > 0 } headers && headers.Contains(AuthorizationSyntax.Header);

    /// <summary>Whether the time of the present attempt is what is left of the deadline.</summary>
    public bool AttemptHasRest { get; set; }

    /// <summary>Whether the last attempt was the one that finds out about an ejected endpoint.</summary>
    public bool OnTrial { get; set; }

    /// <summary>Set while the call is the one that an open circuit breaker has let through.</summary>
    public BreakerTrial? Trial { get; set; }

    /// <summary>Why the present attempt is made, for telemetry.</summary>
    public string AttemptReason => Attempts <= 1 ? "first" : "retry";

    /// <summary>Attempts begun so far.</summary>
    public int Attempts { get; set; }

    /// <summary>How many of them were cut off while they sent the body.</summary>
    public int CutOffs { get; set; }

    /// <summary>How long the last one took.</summary>
    public TimeSpan LastTook { get; set; }

    /// <summary>Whether the request may be sent twice: idempotent by method or by its key, and its body can be read again.</summary>
    public bool Repeatable { get; private set; }

    /// <summary>Whether the body can be read again.</summary>
    public bool BodyReplayable { get; private set; }

    /// <summary>The last attempt's end.</summary>
    public AttemptResult Last { get; set; }

    /// <summary>Whether a further attempt was refused because the retry budget was spent.</summary>
    public bool RetryRefused { get; set; }

    /// <summary>Whether the source was asked because this call found no endpoint: once.</summary>
    public bool HasAsked { get; set; }

    /// <summary>What failed attempts had to say, for the error message; null while all went well.</summary>
    public List<string>? Failures { get; private set; }

    public ReadOnlySpan<Endpoint?> Tried => ((ReadOnlySpan<Endpoint?>)_tried)[..Math.Min(_triedCount, TriedEndpoints.Capacity)];

    public Endpoint? LastTried => _triedCount == 0 ? null : _tried[(_triedCount - 1) % TriedEndpoints.Capacity];

    /// <summary>Whether a further attempt would be allowed by number.</summary>
    public bool HasAttemptsLeft => Attempts <= Policy.Retry.MaxRetries;

    public void Begin(
        Service service, HttpRequestMessage request, PrimaryHandler primary, bool synchronous, MeshTime now, CancellationToken callerToken)
    {
        Service = service;
        Policy = service.Policy;
        Request = request;
        Primary = primary;
        Synchronous = synchronous;
        CallerToken = callerToken;
        Start = now;
        service.Standing.MarkCalled();
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

    /// <summary>What is left for the endpoint, in whole milliseconds; null when there is no deadline.</summary>
    public string? DeadlineText(MeshTime now)
    {
        // Timeout is about the headers, and the endpoint would end the stream by it; so is the deadline of a request over HTTP. One that
        // moves is none that could be told.
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

    /// <summary>The request body moved last at this time: the policy's time starts again there; the
    /// caller's deadline does not move.</summary>
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

    /// <summary>Whether an answer is a consequence of the deadline that this call has inherited and sent along. An endpoint can excuse no
    /// failure with it: it is believed only when the time is all but over.</summary>
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

    /// <summary>Tells the request that the call is part of: what the application answers then is no failure of this server.</summary>
    public void NoteDeadlineSpent()
    {
        if (!DeadlineIsItsOwn && Context is { HasRequestDeadline: true })
        {
            Holder?.NoteDeadlineSpent();
        }
    }

    /// <summary>Makes the call ready for the next address after a redirect; its time goes on.</summary>
    /// <param name="destination">The endpoint that the redirect names; null for none.</param>
    public void Redirect(Endpoint? destination)
    {
        _destination = destination;
        Attempts = 0;
        CutOffs = 0;
        LastTook = TimeSpan.Zero;
        DeadlineMoves = false;
        ClearTried();
        Prepare();
    }

    /// <summary>The endpoint that a redirect has named, for one attempt.</summary>
    public Endpoint? TakeDestination()
    {
        var destination = _destination;
        _destination = null;
        return destination;
    }

    public void End()
    {
        _destination = null;
        Request = null!;
        Service = null!;
        Policy = null!;
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
        Failures = null;
        RetryRefused = false;
        OnTrial = false;
        Trial = null;
        HasAsked = false;
        ClearTried();
    }

    /// <summary>A retry was taken from the budget when the last attempt was cut short.</summary>
    /// <param name="wanted">Whether the attempt ended by that; else it goes back.</param>
    public void Promise(bool wanted)
    {
        _promised = wanted;
        if (!wanted)
        {
            Service.Budget.GiveBack();
        }
    }

    /// <summary>Uses the retry that was promised, once.</summary>
    public bool TakePromise()
    {
        var promised = _promised;
        _promised = false;
        return promised;
    }

    /// <summary>What a call's first attempt pays into the retry budget, once it is certain to be sent.</summary>
    public void DepositFirst()
    {
        // A repetition from above is no first attempt: it must not pay for further ones.
        if (Attempts == 1 && !IsRepeatedAbove)
        {
            Service.Budget.Deposit(Policy.Retry.BudgetRatio);
        }
    }

    /// <summary>Whether the handler that carries the attempt may take it elsewhere, or show it on the way.</summary>
    /// <param name="endpoint">Where the attempt goes; null to judge the handler alone.</param>
    public bool MayRoam(Endpoint? endpoint) =>
        Primary.IsOwn && Primary.Reach.MayLeave(endpoint is null ? null : TransportOf(endpoint).DirectSite);

    /// <summary>The connections of an endpoint that the call is made on: those over TLS where its address asks for it.</summary>
    public EndpointTransport TransportOf(Endpoint endpoint) => endpoint.TransportFor(EndpointPicker.IsSecure(this));

    public void AddTried(Endpoint endpoint)
    {
        _tried[_triedCount % TriedEndpoints.Capacity] = endpoint;
        _triedCount++;
    }

    /// <param name="endpoint">Which endpoint failed.</param>
    /// <param name="failure">How, in words.</param>
    /// <param name="elapsed">After how long.</param>
    public void AddFailure(Endpoint endpoint, string failure, TimeSpan elapsed) =>
        (Failures ??= []).Add($"{endpoint.Name}: {failure} after {elapsed.WholeMilliseconds()} ms");

    private void Inherit(CallContext context)
    {
        // The context may come from another application in this process, whose clock has another origin.
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

    /// <summary>The time that the caller gives the call stands in the place of the policy's, whichever is longer.</summary>
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
        BodyReplayable = RequestBody.CanReplay(Request.Content);
        Repeatable = BodyReplayable && !IsRepeatedAbove && RequestMethods.IsIdempotent(Request);
    }

    private void ClearTried()
    {
        ((Span<Endpoint?>)_tried).Clear();
        _triedCount = 0;
    }
}
