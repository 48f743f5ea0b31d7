using System.Globalization;
using Mesh.Client.Options;
using Mesh.Client.Primitives;

namespace Mesh.Client.Model;

/// <summary>How the calls of a route are made. Immutable.</summary>
/// <param name="Timeout">The time up to the response headers.</param>
/// <param name="AttemptTimeout">The time of an attempt; null: learned from the latencies of the route.</param>
/// <param name="BodyIdleTimeout">The longest silence while a response body is read.</param>
/// <param name="MaxRetries">Attempts after the first.</param>
internal sealed record CallPolicy(TimeSpan Timeout, TimeSpan? AttemptTimeout, TimeSpan BodyIdleTimeout, int MaxRetries)
{
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    public TimeSpan Timeout
    {
        get;
        init => (field, TimeoutText) = (value, TextOf(value));
    } = Timeout;

    /// <summary><see cref="Timeout"/>, or <see cref="Duration.NoLimit"/> for none.</summary>
    public TimeSpan TimeLimit => Duration.Limit(Timeout);

    /// <summary>The timeout in whole milliseconds, ready for the header: the first attempt of nearly every call sends it. Null for
    /// none.</summary>
    public string? TimeoutText { get; private init; } = TextOf(Timeout);

    public static CallPolicy Create(ServiceOptions service, ServiceOptions defaults) => new(
        service.Timeout ?? defaults.Timeout ?? DefaultTimeout,
        service.AttemptTimeout ?? defaults.AttemptTimeout,
        service.BodyIdleTimeout ?? defaults.BodyIdleTimeout ?? TimeSpan.FromSeconds(15),
        service.Retry.MaxRetries ?? defaults.Retry.MaxRetries ?? 2);

    private static string? TextOf(TimeSpan timeout) => timeout == System.Threading.Timeout.InfiniteTimeSpan
        ? null
        : ((long)timeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
