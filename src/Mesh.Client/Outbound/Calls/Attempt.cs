using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>One try of a call on one endpoint, up to the headers of its answer. What follows the body is a <see cref="StreamedContent"/>,
/// which knows neither this nor the call.</summary>
/// <remarks>
/// The first attempt is made with its call and pooled with it; attempts that follow one another are this same object. Where attempts run
/// side by side, each further one is an object of its own (<see cref="Call.Beside"/>). Only the flow that sends an attempt writes on it.
/// Until it has entered its endpoint, that is the call's own flow. From then on an attempt beside others writes on nothing of the call but
/// the deadline, and the call takes what has come out (<see cref="Call.Take"/>).
/// </remarks>
/// <param name="call">The call, for as long as this lives.</param>
internal sealed class Attempt(Call call)
{
    private HttpRequestMessage? _copy;

    // What address and trust of the request were made for. The endpoint may replace its own at any time.
    private EndpointTransport? _transport;
    private bool _promised;
    private volatile bool _unwanted;

    public Call Call { get; } = call;

    /// <summary>The request that it sends: that of the call, or its own copy.</summary>
    public HttpRequestMessage Request => _copy ?? Call.Request;

    /// <summary>Whether it runs beside others, with a copy of the request.</summary>
    public bool IsBeside => _copy is not null;

    /// <summary>What is on its request at present. Kept for the next attempt; empty in between.</summary>
    public IMessageEdits? Edits { get; set; }

    /// <summary>The claim on its endpoint; none until it has entered.</summary>
    public AttemptLease Lease { get; private set; }

    public Endpoint Endpoint => Lease.Endpoint;

    /// <summary>The endpoint's connections for it: those over TLS if the call's address asks for TLS. Once chosen they stay the same to
    /// its end.</summary>
    public EndpointTransport Transport => _transport ?? Call.TransportOf(Endpoint);

    /// <summary>Whether its handler may send it elsewhere, or through a proxy.</summary>
    public bool MayRoam => Call.Primary.IsOwn && Call.Primary.Reach.MayLeave(Transport.DirectSite);

    /// <summary>Whether it carries the headers of the mesh: not to a service with <c>SendContext: false</c>, and not through a handler
    /// that would send them to a redirect's target or a proxy.</summary>
    public bool SendsContext => Call.Model.SendContext && !MayRoam;

    /// <summary>When it was sent.</summary>
    public MeshTime Start => Lease.Start;

    /// <summary>Counted from 1 within the call; 0 if it has no endpoint.</summary>
    public int Number { get; private set; }

    public bool HasEntered => Number != 0;

    /// <summary>Why it is made, for telemetry.</summary>
    public string Reason => Number <= 1 ? "first" : "retry";

    /// <summary>Whether it is the trial of an ejected endpoint.</summary>
    public bool OnTrial => Lease.IsTrial;

    /// <summary>Whether it has all the rest of the deadline.</summary>
    public bool HasRest { get; set; }

    /// <summary>Its time, and the caller's token; null before and after.</summary>
    public AttemptCancellation? Cancellation { get; private set; }

    /// <summary>Watches its request body; null where that is not needed.</summary>
    public Upload? Upload { get; set; }

    /// <summary>Whether the policy's part of the deadline moves with a large request body: the endpoint must then not get it as a fixed
    /// one.</summary>
    public bool DeadlineMoves { get; set; }

    /// <summary>What has come out.</summary>
    public AttemptResult Result { get; set; }

    /// <summary>Whether the call has taken the result, and with it the answer.</summary>
    public bool IsTaken { get; set; }

    /// <summary>Whether nothing was sent, since there was no token for it: then it does not count.</summary>
    public bool IsUnsent { get; set; }

    /// <summary>Whether the user's own handler has followed a redirect away from the endpoint: the result is then not the
    /// endpoint's.</summary>
    public bool WasLeft { get; set; }

    /// <summary>Where the answer came from, if the user's own primary handler has moved on from the endpoint's address; otherwise
    /// null.</summary>
    public Uri? AnsweredAt { get; set; }

    /// <summary>The wait for its answer.</summary>
    public TimeSpan Waited { get; set; }

    /// <summary>Whether the endpoint has answered.</summary>
    public bool HasAnswer { get; set; }

    /// <summary>How long it took, if it has failed or was refused.</summary>
    public TimeSpan Took { get; set; }

    /// <summary>Its failure in words; null for none.</summary>
    public FailedAttempt? Failure { get; set; }

    /// <summary>Whether it was cut short by a learned time, and it is not known yet whether it failed.</summary>
    public bool IsUndecided { get; set; }

    /// <summary>Whether another attempt of the call is the one that counts: this one was given up.</summary>
    public bool IsUnwanted => _unwanted;

    /// <summary>Begins a try; what the one before has left is gone.</summary>
    public void Begin() => Clear();

    /// <summary>Counts it at its endpoint, and in the call.</summary>
    public void Enter(Endpoint endpoint, MeshTime start, bool trial)
    {
        Lease = AttemptLease.Enter(Call.Target, endpoint, start, trial);
        Number = Call.Count(endpoint);
    }

    /// <summary>Chooses the connections that it is sent on.</summary>
    public EndpointTransport Connect() => _transport = Call.TransportOf(Endpoint);

    /// <summary>Restarts the clock after a wait that the endpoint did not cause.</summary>
    public void Restart(MeshTime start) => Lease = Lease.Restart(start);

    /// <summary>Pays the deposit of a call's first attempt into the retry budget, once it is certain to be sent.</summary>
    public void Deposit()
    {
        // A repetition from above is not a first attempt: it must not pay for further retries.
        if (Number == 1 && !Call.IsRepeatedAbove)
        {
            Call.Target.Subset.Budget.Deposit(Call.Target.Subset.Model.Policy.RetryBudgetRatio);
        }
    }

    /// <summary>Gets its time limit and its token.</summary>
    public AttemptCancellation BeginTime(TimeProvider time, TimeSpan span)
    {
        // A source is used once if the user's code may keep its token, or if another flow may give the attempt up.
        var cancellation = AttemptCancellation.Rent(
            time, span, Call.CallerToken, leavesOurHands: Upload is not null || Call.Primary.IsOwn || IsBeside);
        Cancellation = cancellation;
        if (IsBeside)
        {
            // First set, then looked: either this sees that it was given up, or Abandon sees what to cancel.
            Interlocked.MemoryBarrier();
            if (_unwanted)
            {
                cancellation.Cancel();
            }
        }

        return cancellation;
    }

    /// <summary>Its time is over, and the object may serve another one.</summary>
    public void EndTime()
    {
        var cancellation = Cancellation!;
        Cancellation = null;
        cancellation.Return();
    }

    /// <summary>Its time is over, but its cancellation still serves work under way, which returns it.</summary>
    public AttemptCancellation DetachTime()
    {
        var cancellation = Cancellation!;
        Cancellation = null;
        cancellation.Detach();
        return cancellation;
    }

    /// <summary>Gives up an attempt that runs beside others, since it is no longer wanted. From any flow, also when it has ended, but
    /// before the call is closed: until then this serves no other call.</summary>
    public void Abandon()
    {
        _unwanted = true;
        Interlocked.MemoryBarrier();
        if (IsBeside)
        {
            Cancellation?.Cancel();
        }
    }

    /// <summary>Its request is about to be changed. May be called again before <see cref="EndEdit"/>.</summary>
    public void BeginEdit()
    {
        // Other sendings of the user's message must be able to tell what is on it. Nobody else knows a copy.
        if (_copy is null)
        {
            Call.Use.Edits = Edits;
            Call.Use.BeginEdit();
        }
    }

    public void EndEdit()
    {
        if (_copy is null)
        {
            Call.Use.EndEdit();
        }
    }

    /// <summary>Goes on with a copy, if a handler above has changed the user's message since.</summary>
    public void KeepRequest()
    {
        if (_copy is null)
        {
            Call.KeepRequest();
        }
    }

    /// <summary>Sends a copy of the call's request. To be called before any attempt is sent.</summary>
    public void Copy()
    {
        var copy = RequestCopy.Of(Call.Request);
        BodyTurn.Share(copy.Content, first: null);
        _copy = copy;
    }

    /// <summary>It took a retry from the budget when it was cut short.</summary>
    /// <param name="wanted">Whether that ended it; otherwise the retry is returned.</param>
    public void Promise(bool wanted)
    {
        if (wanted)
        {
            _promised = true;
        }
        else
        {
            Call.Target.Subset.Budget.GiveBack();
        }
    }

    /// <summary>Uses the reserved retry, once.</summary>
    public bool TakePromise()
    {
        var promised = _promised;
        _promised = false;
        return promised;
    }

    /// <summary>Ends what it has reserved, when it is not needed any more.</summary>
    public void Settle()
    {
        if (TakePromise())
        {
            Call.Target.Subset.Budget.GiveBack();
        }
    }

    /// <summary>Ends an answer that the call has not taken: that of another attempt counts.</summary>
    public void Discard()
    {
        if (IsTaken)
        {
            return;
        }

        try
        {
            Result.Response?.Dispose();
        }
        catch (Exception)
        {
            // The content is perhaps the user's own. Nobody waits for this attempt any more.
        }
    }

    /// <summary>Becomes as new, for another call.</summary>
    public void End()
    {
        Clear();
        _copy = null;
        _unwanted = false;
    }

    private void Clear()
    {
        Settle();
        Lease = default;
        _transport = null;
        Number = 0;
        HasRest = false;
        Cancellation = null;
        Upload = null;
        DeadlineMoves = false;
        Result = default;
        IsTaken = false;
        IsUnsent = false;
        WasLeft = false;
        AnsweredAt = null;
        Waited = TimeSpan.Zero;
        HasAnswer = false;
        Took = TimeSpan.Zero;
        Failure = null;
        IsUndecided = false;
    }
}
