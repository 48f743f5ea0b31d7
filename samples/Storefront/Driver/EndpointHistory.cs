using Storefront.Controls;

namespace Storefront.Driver;

/// <summary>The counters of one instance over all its processes, and how they were a few readings ago.</summary>
internal sealed class EndpointHistory
{
    // Half a second apart: the last three seconds.
    private const int Readings = 7;

    private static readonly InstanceStats Nothing = new(0, 0, 0, 0, 0, 0, 0);

    private readonly Queue<InstanceStats> _recent = new([Nothing]);
    private InstanceStats _ended = Nothing;
    private InstanceStats _current = Nothing;
    private InstanceStats _start = Nothing;

    /// <summary>The sum over all processes.</summary>
    public InstanceStats Total => _current.After(_ended);

    public EndpointCounts Recent => EndpointCounts.Between(_recent.Peek(), Total);

    public EndpointCounts SinceStart => EndpointCounts.Between(_start, Total);

    /// <summary>Counts what came before as warm-up.</summary>
    public void Begin() => _start = Total;

    /// <summary>Takes a reading; null when the instance did not answer, which then counts as nothing new.</summary>
    public void Add(InstanceStats? stats)
    {
        if (stats is not null)
        {
            if (stats.Pid != _current.Pid)
            {
                // A new process counts from zero. What the old one answered after its last reading is lost.
                _ended = Total;
            }

            _current = stats;
        }
        else
        {
            _current = _current with { P50 = 0, P99 = 0 };
        }

        _recent.Enqueue(Total);
        if (_recent.Count > Readings)
        {
            _recent.Dequeue();
        }
    }
}
