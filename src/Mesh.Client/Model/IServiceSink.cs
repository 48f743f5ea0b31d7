namespace Mesh.Client.Model;

/// <summary>Takes from the package's own sources what they know of names, beyond the endpoints of each.</summary>
internal interface IServiceSink : IEndpointSink
{
    /// <summary>Explains why a service has no endpoint.</summary>
    /// <param name="service">The service name.</param>
    /// <param name="reason">Such as <c>its 2 instances are STARTING</c>; null where there is nothing to say.</param>
    /// <param name="isListed">Whether the source lists the service all the same.</param>
    void Explain(string service, string? reason, bool isListed);

    /// <summary>Forgets a service that the source no longer lists, to make room for another name.</summary>
    /// <param name="service">The service name.</param>
    /// <returns>False when the service stays known: it was called, is configured, or another source names it.</returns>
    bool TryForget(string service);

    /// <summary>Reports the listed names that are not taken, because there are too many. A call to one of them fails: it never goes to
    /// DNS.</summary>
    /// <param name="names">All of them, in lower case. Must not change afterwards.</param>
    void Refuse(IReadOnlySet<string> names);
}
