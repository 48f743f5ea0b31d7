using Storefront.Controls;

namespace Storefront.Driver;

/// <summary>A group of calls in numbers.</summary>
internal readonly record struct CallSummary(int Calls, int Failed, Latency Latency)
{
    public double Success => Calls == 0 ? 1 : (double)(Calls - Failed) / Calls;

    public static CallSummary Of(IReadOnlyCollection<CallRecord> calls) => new(
        calls.Count,
        calls.Count(call => !call.Succeeded),
        Latency.Of(calls.Select(call => call.Milliseconds)));
}
