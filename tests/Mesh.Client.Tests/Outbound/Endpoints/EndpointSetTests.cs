using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;
using static Mesh.Client.Tests.TestTime;

namespace Mesh.Client.Tests.Outbound.Endpoints;

public sealed class EndpointSetTests
{
    [Fact]
    public void Secure_all_speak_tls_is_the_same_set()
    {
        var set = Set("https://10.0.0.1", "https://10.0.0.2");
        Assert.Same(set, set.Secure);
        Assert.Same(EndpointSet.Empty, EndpointSet.Empty.Secure);
    }

    [Fact]
    public void Secure_some_speak_tls_is_their_part_made_once()
    {
        var endpoints = Endpoints("http://10.0.0.1", "https://10.0.0.2", "https://10.0.0.3", "http://10.0.0.4");
        var set = new EndpointSet(endpoints, endpoints[..2], endpoints[2..], [], panic: false, nextTrial: At(7));

        var secure = set.Secure;

        Assert.Same(secure, set.Secure);
        Assert.Same(secure, secure.Secure);
        Assert.Equal([endpoints[1], endpoints[2]], secure.All);
        Assert.Equal([endpoints[1]], secure.Usable);
        Assert.Equal([endpoints[2]], secure.Ejected);
        Assert.Equal(At(7), secure.NextTrial);
        Assert.False(secure.Panic);
    }

    [Fact]
    public void Secure_those_with_tls_are_all_ejected_uses_them()
    {
        var endpoints = Endpoints("http://10.0.0.1", "https://10.0.0.2");
        var secure = new EndpointSet(endpoints, endpoints[..1], endpoints[1..], [], panic: false, nextTrial: At(7)).Secure;
        Assert.Equal([endpoints[1]], secure.Usable);
        Assert.True(secure.Panic);
    }

    [Fact]
    public void Secure_none_speaks_tls_is_empty()
    {
        var secure = Set("http://10.0.0.1").Secure;
        Assert.Empty(secure.All);
        Assert.Empty(secure.Usable);
        Assert.False(secure.Panic);
    }

    /// <summary>Those that are about to leave still answer; the ejected ones are known not to.</summary>
    [Fact]
    public void Secure_those_with_tls_leave_or_are_ejected_uses_those_that_leave()
    {
        var endpoints = Endpoints("http://10.0.0.1", "https://10.0.0.2", "https://10.0.0.3", "http://10.0.0.4", "https://10.0.0.5");
        var secure = new EndpointSet(endpoints, endpoints[..1], endpoints[1..2], endpoints[2..], panic: false, nextTrial: At(7))
        {
            Leaving = endpoints[2..4],
        }.Secure;
        Assert.Equal([endpoints[2]], secure.Usable);
        Assert.Empty(secure.Healthy);
        Assert.Equal([endpoints[2]], secure.Leaving);
        Assert.Equal([endpoints[2], endpoints[4]], secure.Draining);
        Assert.False(secure.Panic);
    }

    [Fact]
    public void Secure_those_that_leave_are_no_more_than_those_that_still_answer()
    {
        var endpoints = Endpoints("https://10.0.0.1", "https://10.0.0.2", "http://10.0.0.3", "https://10.0.0.4");
        var secure = new EndpointSet(endpoints, endpoints[..1], [], endpoints[1..], panic: false, nextTrial: At(7))
        {
            Leaving = endpoints[1..3],
        }.Secure;
        Assert.Equal([endpoints[0]], secure.Usable);
        Assert.Equal([endpoints[1]], secure.Leaving);
        Assert.Equal([endpoints[1], endpoints[3]], secure.Draining);
    }

    private static EndpointSet Set(params string[] addresses) =>
        new(Endpoints(addresses), Endpoints(addresses), [], [], panic: false, nextTrial: MeshTime.Never);

    private static Endpoint[] Endpoints(params string[] addresses) => [.. addresses.Select(address => TestEndpoint.At(address))];
}
