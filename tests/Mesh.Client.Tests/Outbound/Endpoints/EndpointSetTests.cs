using Mesh.Client.Outbound.Endpoints;

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
        var set = new EndpointSet(endpoints, endpoints[..2], endpoints[2..], [], panic: false, nextTrial: 7);

        var secure = set.Secure;

        Assert.Same(secure, set.Secure);
        Assert.Same(secure, secure.Secure);
        Assert.Equal([endpoints[1], endpoints[2]], secure.All);
        Assert.Equal([endpoints[1]], secure.Usable);
        Assert.Equal([endpoints[2]], secure.Ejected);
        Assert.Equal(7, secure.NextTrial);
        Assert.False(secure.Panic);
    }

    [Fact]
    public void Secure_those_with_tls_are_all_ejected_uses_them()
    {
        var endpoints = Endpoints("http://10.0.0.1", "https://10.0.0.2");
        var secure = new EndpointSet(endpoints, endpoints[..1], endpoints[1..], [], panic: false, nextTrial: 7).Secure;
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

    private static EndpointSet Set(params string[] addresses) =>
        new(Endpoints(addresses), Endpoints(addresses), [], [], panic: false, nextTrial: long.MaxValue);

    private static Endpoint[] Endpoints(params string[] addresses) => [.. addresses.Select(address => TestEndpoint.At(address))];
}
