using Mesh.Client.Primitives;

namespace Mesh.Client.Limits;

/// <summary>How many retries this process may still send to a service: a share of first attempts plus one per second. Lock-free.</summary>
/// <remarks>
/// A token bucket as in Finagle, with a second rule: while more than 30 % of recent attempts fail, there are no retries at all. They would
/// only add load to a service that is down as a whole.
/// </remarks>
internal sealed class RetryBudget(MeshClock clock)
{
    private const long Token = 1_000_000;
    private const long Capacity = 100 * Token;

    /// <summary>A process that has just started may retry its first calls, too.</summary>
    private const long Initial = 10 * Token;
    private const long Credit = Initial;
    private const float Smoothing = 0.01f;
    private const float ClosedAbove = 0.30f;

    private static readonly TimeSpan RefillEvery = TimeSpan.FromMilliseconds(100);

    private long _tokens = Initial;
    private long _refilledAt = clock.Now.Micros;
    private float _failureShare;

    /// <summary>The share of the recent attempts that reached an endpoint and failed, 0 to 1.</summary>
    public float FailureShare => Volatile.Read(ref _failureShare);

    /// <summary>Whether so many attempts fail that none is retried.</summary>
    public bool IsClosed => FailureShare >= ClosedAbove;

    /// <summary>Whether a retry would be allowed now. Takes no token.</summary>
    public bool HasRoom
    {
        get
        {
            Refill();
            return !IsClosed && Volatile.Read(ref _tokens) >= Token;
        }
    }

    /// <summary>Counts a first attempt.</summary>
    public void Deposit(double ratio)
    {
        // One deposit too many at the limit does no harm, so the check needs no loop.
        if (Volatile.Read(ref _tokens) < Capacity)
        {
            Interlocked.Add(ref _tokens, (long)(ratio * Token));
        }
    }

    /// <summary>Takes the token of one retry.</summary>
    /// <returns>False when the budget is spent or closed.</returns>
    public bool TryWithdraw() => TryTake(Token);

    /// <summary>Takes the token for the retry of an attempt that is about to be cut short, on credit if necessary: that other calls have
    /// used up the budget is no reason to wait for an endpoint that hangs. The credit is small. Where all endpoints are slow at once, the
    /// calls that get none keep waiting.</summary>
    /// <returns>False when the budget is closed, or the credit is spent.</returns>
    public bool TryPromise() => TryTake(Token - Credit);

    /// <summary>Returns a token that is not needed.</summary>
    public void GiveBack() => Interlocked.Add(ref _tokens, Token);

    /// <summary>Takes the token of one retry even if there is none: a debt, which is paid before the next retry is allowed.</summary>
    public void Borrow() => Interlocked.Add(ref _tokens, -Token);

    /// <summary>Counts the end of an attempt that reached an endpoint.</summary>
    public void Record(bool failed)
    {
        var share = Volatile.Read(ref _failureShare);
        if (!failed && share < 0.0001f)
        {
            return;
        }

        // A sample lost in a race between two threads changes nothing.
        Volatile.Write(ref _failureShare, share + (Smoothing * ((failed ? 1f : 0f) - share)));
    }

    /// <param name="least">The balance that is required.</param>
    private bool TryTake(long least)
    {
        Refill();
        if (IsClosed)
        {
            return false;
        }

        // Checked and taken atomically: if two threads see the last token, only one gets it.
        for (var tokens = Volatile.Read(ref _tokens); tokens >= least;)
        {
            var seen = Interlocked.CompareExchange(ref _tokens, tokens - Token, tokens);
            if (seen == tokens)
            {
                return true;
            }

            tokens = seen;
        }

        return false;
    }

    private void Refill()
    {
        var now = clock.Now;
        var last = MeshTime.Read(ref _refilledAt);
        var due = now - last;
        if (due > RefillEvery
            && Interlocked.CompareExchange(ref _refilledAt, now.Micros, last.Micros) == last.Micros
            && Volatile.Read(ref _tokens) < Capacity)
        {
            // One token per second, of as many parts; a long pause earns no more than the initial budget.
            Interlocked.Add(ref _tokens, Math.Min(due.WholeMicroseconds(), Initial));
        }
    }
}
