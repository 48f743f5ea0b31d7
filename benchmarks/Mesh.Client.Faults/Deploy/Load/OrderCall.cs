using System.Globalization;
using System.Net;

namespace Mesh.Client.Faults.Deploy.Load;

/// <summary>The calls of the load, by their number: every second one reads, the others change something,
/// with a body and without one in turn.</summary>
internal sealed record OrderCall(int Number, Version Version)
{
    /// <summary>Whether HTTP allows to send it twice. None carries an idempotency key.</summary>
    public bool IsIdempotent => Number % 2 == 0;

    public string Kind => IsIdempotent ? "GET" : HasBody ? "POST" : "POST without body";

    /// <summary>What the ledgers know it by.</summary>
    public string Id => Number.ToString(CultureInfo.InvariantCulture);

    private bool HasBody => Number % 4 == 1;

    public HttpRequestMessage Request()
    {
        var request = IsIdempotent ? new HttpRequestMessage(HttpMethod.Get, $"/orders/{Id}")
            : HasBody ? new HttpRequestMessage(HttpMethod.Post, "/orders") { Content = new StringContent(Id) }
            : new HttpRequestMessage(HttpMethod.Post, $"/orders/{Id}/confirm");
        request.Version = Version;
        request.VersionPolicy = Version == HttpVersion.Version20
            ? HttpVersionPolicy.RequestVersionExact
            : HttpVersionPolicy.RequestVersionOrLower;
        return request;
    }
}
