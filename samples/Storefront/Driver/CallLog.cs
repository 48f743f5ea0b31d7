namespace Storefront.Driver;

/// <summary>Every call of the driver.</summary>
internal sealed class CallLog
{
    private const int KeptErrors = 5;

    // Guards all fields: calls end on many threads while the display reads.
    private readonly Lock _lock = new();
    private readonly List<CallRecord> _calls = [];
    private readonly HashSet<string> _acknowledged = [];
    private readonly List<string> _errors = [];
    private int _failed;

    /// <summary>The texts of the first failed calls.</summary>
    public IReadOnlyList<string> Errors
    {
        get
        {
            lock (_lock)
            {
                return [.. _errors];
            }
        }
    }

    /// <summary>The orders that the storefront said it had accepted.</summary>
    public IReadOnlyCollection<string> AcknowledgedOrders
    {
        get
        {
            lock (_lock)
            {
                return [.. _acknowledged];
            }
        }
    }

    public void Add(CallRecord call, string? error, string? acknowledgedOrder)
    {
        lock (_lock)
        {
            _calls.Add(call);
            _failed += call.Succeeded ? 0 : 1;
            if (acknowledgedOrder is not null)
            {
                _acknowledged.Add(acknowledgedOrder);
            }

            if (error is not null && _errors.Count < KeptErrors)
            {
                _errors.Add(error);
            }
        }
    }

    public CallSummary Summarize(Func<CallRecord, bool> selects)
    {
        lock (_lock)
        {
            return CallSummary.Of([.. _calls.Where(selects)]);
        }
    }

    /// <summary>Summarizes the calls that ended since a point in time, without looking at all the earlier ones.</summary>
    public CallSummary SummarizeSince(TimeSpan ended)
    {
        lock (_lock)
        {
            return CallSummary.Of([.. Enumerable.Reverse(_calls).TakeWhile(call => call.Ended >= ended)]);
        }
    }

    /// <summary>All calls so far, and those of them that failed.</summary>
    public (int Calls, int Failed) Count()
    {
        lock (_lock)
        {
            return (_calls.Count, _failed);
        }
    }
}
