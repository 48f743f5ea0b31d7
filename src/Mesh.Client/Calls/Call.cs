using System.Globalization;
using System.Runtime.CompilerServices;
using Mesh.Client.Context;
using Mesh.Client.Discovery;
using Mesh.Client.Security.Tokens;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Calls;

/// <summary>One call and what its attempts share. Pooled: rented by <see cref="CallPipeline"/>, returned by it when the call has ended; nothing keeps it longer.</summary>
internal sealed class Call
{
    /// <summary>Kept back of an inherited deadline at each hop, so that the answer, or the error, is still in time for the caller.</summary>
    public const long Reserve = 5_000;

    /// <summary>What is left at most of an inherited deadline when an endpoint says that it is spent: each of up to eight hops behind it
    /// keeps a reserve of its own,
    /// and whole milliseconds are sent.</summary>
    private const long MaxRestAtEnd = 50_000;

    /// <summary>The same for a server error that says nothing of the deadline: two hops.</summary>
    private const long MaxRestAtError = 3 * Reserve;

    private TriedEndpoints _tried;
    private int _triedCount;
    private bool _authorizedByUser;

    public HttpRequestMessage Request { get; private set; } = null!;

    public Service Service { get; private set; } = null!;

    public ServicePolicy Policy { get; private set; } = null!;

    /// <summary>The handler the call came through, for requests that go to the user's own primary handler.</summary>
    public MeshHandler Shell { get; private set; } = null!;

    /// <summary>Whether the caller blocks (<see cref="HttpClient.Send(HttpRequestMessage)"/>).</summary>
    public bool Synchronous { get; private set; }

    public CancellationToken CallerToken { get; private set; }

    /// <summary>Microseconds.</summary>
    public long Start { get; private set; }

    /// <summary>When the call must have its response headers, microseconds.</summary>
    public long Deadline { get; private set; }

    /// <summary>Whether the caller's deadline is the nearer one, not the policy's: when it is spent, nobody on this way has failed.</summary>
    public bool DeadlineInherited { get; private set; }

    /// <summary>What the call is part of; null for background work. Read once: nothing below looks at the flow of control again.</summary>
    public CallContext? Context { get; private set; }

    /// <summary>What holds the context, and with it the user: it ends with the request, also for a call that goes on. Null for background work.</summary>
    public ContextHolder? Holder { get; private set; }

    /// <summary>Whether attempts carry the headers of the mesh: not to somebody else's service, and not through a handler that would take
    /// them to a redirect's
    /// target, or show them to a proxy.</summary>
    public bool SendsContext => Policy.SendContext && !(Shell.OwnPrimary && Shell.PrimaryRoams);

    /// <summary>Whether the user has authorized the request itself; also after a redirect has taken that off.</summary>
    public bool IsAuthorizedByUser => _authorizedByUser |= Request.Headers.NonValidated is { Count: > 0 } headers && headers.Contains(AuthorizationSyntax.Header);

    /// <summary>Whether the time of the present attempt is what is left of the deadline.</summary>
    public bool AttemptHasRest { get; set; }

    /// <summary>Attempts begun so far.</summary>
    public int Attempts { get; set; }

    /// <summary>Whether the request may be sent twice: idempotent by method or by its key, and its body can be read again.</summary>
    public bool Repeatable { get; private set; }

    /// <summary>Whether the body can be read again.</summary>
    public bool BodyReplayable { get; private set; }

    /// <summary>The last attempt's end.</summary>
    public AttemptResult Last { get; set; }

    /// <summary>Whether a further attempt was refused because the retry budget was spent.</summary>
    public bool RetryRefused { get; set; }

    /// <summary>What failed attempts had to say, for the error message; null while all went well.</summary>
    public List<string>? Failures { get; private set; }

    public ReadOnlySpan<Endpoint?> Tried => ((ReadOnlySpan<Endpoint?>)_tried)[..Math.Min(_triedCount, TriedEndpoints.Capacity)];

    public Endpoint? LastTried => _triedCount == 0 ? null : _tried[(_triedCount - 1) % TriedEndpoints.Capacity];

    /// <summary>Whether a further attempt would be allowed by number.</summary>
    public bool HasAttemptsLeft => Attempts <= Policy.Retry.MaxRetries;

    public void Begin(Service service, HttpRequestMessage request, MeshHandler shell, bool synchronous, long now, CancellationToken callerToken)
    {
        Service = service;
        Policy = service.Policy;
        Request = request;
        Shell = shell;
        Synchronous = synchronous;
        CallerToken = callerToken;
        Start = now;
        Deadline = Policy.Timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : now + MeshClock.Micros(Policy.Timeout);
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
    public string? DeadlineText(long now)
    {
        if (Deadline == long.MaxValue)
        {
            return null;
        }

        return !DeadlineInherited && now - Start < 1_000
            ? Policy.TimeoutText
            : Math.Max(1, (Deadline - now) / 1_000).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Whether an answer is a consequence of the deadline that this call has inherited and sent along. An endpoint can excuse no
    /// failure with it:
    /// it is believed only when the time is all but over.</summary>
    public bool IsEndedByDeadline(HttpResponseMessage response, bool failed, long now)
    {
        var rest = Deadline - now;
        return DeadlineInherited
            && rest <= MaxRestAtEnd
            && SendsContext
            && ((failed && rest <= MaxRestAtError)
                || (response.Headers.NonValidated.TryGetValues(MeshHeaders.Outcome, out var said)
                    && said.ToString() == MeshHeaders.DeadlineOutcome));
    }

    /// <summary>Tells the request that the call is part of: what the application answers then is no failure of this server.</summary>
    public void NoteDeadlineSpent()
    {
        if (Context is { HasRequestDeadline: true })
        {
            Holder?.NoteDeadlineSpent();
        }
    }

    /// <summary>Makes the call ready for the next address after a redirect; its time goes on.</summary>
    public void Redirect()
    {
        Attempts = 0;
        ClearTried();
        Prepare();
    }

    public void End()
    {
        Request = null!;
        Service = null!;
        Policy = null!;
        Shell = null!;
        CallerToken = default;
        Context = null;
        Holder = null;
        _authorizedByUser = false;
        DeadlineInherited = false;
        Attempts = 0;
        Last = default;
        Failures = null;
        RetryRefused = false;
        ClearTried();
    }

    /// <summary>What a call's first attempt pays into the retry budget, once it is certain to be sent.</summary>
    public void DepositFirst()
    {
        if (Attempts == 1)
        {
            Service.Budget.Deposit(Policy.Retry.BudgetRatio);
        }
    }

    public void AddTried(Endpoint endpoint)
    {
        _tried[_triedCount % TriedEndpoints.Capacity] = endpoint;
        _triedCount++;
    }

    public void AddFailure(Endpoint endpoint, in AttemptResult result, long micros) =>
        (Failures ??= []).Add($"{endpoint.Name}: {Describe(result)} after {micros / 1000} ms");

    private static string Describe(in AttemptResult result) =>
        result.Response is { } response ? $"HTTP {(int)response.StatusCode}"
        : result.Outcome == CallOutcome.Timeout ? "no answer"
        : result is { Outcome: CallOutcome.ConnectFailure, Exception: OperationCanceledException } ? "no connection"
        : $"{result.Outcome.Name()} ({result.Exception!.Message})";

    private void Inherit(CallContext context)
    {
        // The context may come from another application in this process, whose clock has another origin.
        var clock = Service.Clock;
        var inherited = (ReferenceEquals(context.Clock, clock) ? context.Deadline : clock.Now + context.Remaining) - Reserve;
        if (inherited < Deadline)
        {
            Deadline = inherited;
            DeadlineInherited = true;
        }
    }

    private void Prepare()
    {
        BodyReplayable = RequestBody.CanReplay(Request.Content);
        Repeatable = BodyReplayable && RequestMethods.IsIdempotent(Request);
    }

    private void ClearTried()
    {
        ((Span<Endpoint?>)_tried).Clear();
        _triedCount = 0;
    }

    [InlineArray(Capacity)]
    private struct TriedEndpoints
    {
        // As many attempts as a policy can allow: ten retries.
        public const int Capacity = 11;

        private Endpoint? _first;
    }
}
