namespace Mesh.Client.Model;

/// <summary>What a source of this package says of names, beyond the endpoints of each.</summary>
internal interface IServiceSink : IEndpointSink
{
    /// <summary>Says why a service has no endpoint.</summary>
    /// <param name="service">The service name.</param>
    /// <param name="reason">Such as <c>its 2 instances are STARTING</c>; null where there is nothing to say.</param>
    /// <param name="isListed">Whether the source lists the service all the same.</param>
    void Explain(string service, string? reason, bool isListed);

    /// <summary>The source no longer lists a service, and needs the place for another name.</summary>
    /// <param name="service">The service name.</param>
    /// <returns>False when the service stays known: it was called, is configured, or another source names it.</returns>
    bool TryForget(string service);

    /// <summary>Names that the source lists and that are not taken, because there are too many. A call to one
    /// of them fails: it never goes to DNS.</summary>
    /// <param name="names">All of them, in lower case. Not changed afterwards.</param>
    void Refuse(IReadOnlySet<string> names);
}
