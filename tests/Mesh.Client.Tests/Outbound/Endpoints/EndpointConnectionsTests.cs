using System.Net;
using System.Runtime.CompilerServices;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Transport;
using Microsoft.Extensions.Time.Testing;
using static Mesh.Client.Tests.TestTime;

namespace Mesh.Client.Tests.Outbound.Endpoints;

/// <summary>An endpoint replaces its connections: it has one pool in use for each port, and those before are closed in time.</summary>
public sealed class EndpointConnectionsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<EndpointDescription> _dead = [];
    private int _opened;
    private int _closed;

    [Fact]
    public void Dead_connections_are_replaced_while_a_request_is_under_way_and_closed_a_little_later()
    {
        var endpoint = Create(Settings());
        var old = Use(endpoint);

        TimeOut(endpoint, old, 1);

        Assert.NotSame(old, endpoint.Transport);
        Assert.Same(old.Settings, endpoint.Transport.Settings);
        Assert.Equal([endpoint.Description], _dead);
        Assert.False(old.IsClosed);
        _ = endpoint.Transport.Invoker;
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.True(old.IsClosed);
        Assert.Equal((2, 1), (_opened, _closed));
    }

    [Fact]
    public void Nothing_is_replaced_that_was_never_opened()
    {
        var endpoint = Create(Settings());
        var transport = endpoint.Transport;

        TimeOut(endpoint, transport, 1);

        Assert.Same(transport, endpoint.Transport);
        Assert.Empty(_dead);
    }

    [Fact]
    public void Replaced_connections_say_nothing_about_the_present_ones()
    {
        var endpoint = Create(Settings());
        var old = Use(endpoint);
        endpoint.Follow(Settings());
        var present = Use(endpoint);

        TimeOut(endpoint, old, 1);
        Assert.Same(present, endpoint.Transport);

        TimeOut(endpoint, present, 1);
        Assert.NotSame(present, endpoint.Transport);
    }

    /// <summary>A slow server looks the same as a dead connection: a reload does not make it get connections more often.</summary>
    [Fact]
    public void Pause_between_replacements_outlasts_other_settings()
    {
        var endpoint = Create(Settings());
        TimeOut(endpoint, Use(endpoint), 1);
        endpoint.Follow(Settings());

        var followed = Use(endpoint);
        TimeOut(endpoint, followed, 1.5);
        Assert.Same(followed, endpoint.Transport);
        TimeOut(endpoint, followed, 2);
        Assert.NotSame(followed, endpoint.Transport);
    }

    [Fact]
    public void Same_settings_replace_nothing()
    {
        var settings = Settings();
        var endpoint = Create(settings);
        var transport = endpoint.Transport;

        endpoint.Follow(settings);

        Assert.Same(transport, endpoint.Transport);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public void Other_tls_port_closes_the_connections_to_the_old_one(bool busy, int closed)
    {
        var endpoint = Create(Settings(), securePort: 8443);
        var old = endpoint.TransportFor(secure: true);
        _ = old.Invoker;
        if (busy)
        {
            endpoint.Load.Enter(At(1));
        }

        endpoint.Description = endpoint.Description with { SecurePort = 9443 };

        Assert.Equal(closed, _closed);
        Assert.Equal(9443, endpoint.TransportFor(secure: true).Endpoint.Port);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal((1, 1), (_opened, _closed));
    }

    [Fact]
    public void End_of_the_endpoint_closes_replaced_connections_at_once_and_nothing_opens_others()
    {
        var endpoint = Create(Settings(), securePort: 8443);
        endpoint.Load.Enter(At(1));
        _ = (endpoint.Transport.Invoker, endpoint.TransportFor(secure: true).Invoker);
        endpoint.Follow(Settings());
        Assert.Equal((2, 0), (_opened, _closed));

        endpoint.CloseConnections(forGood: true);
        Assert.Equal((2, 2), (_opened, _closed));

        endpoint.Follow(Settings());
        Assert.Throws<ObjectDisposedException>(() => endpoint.Transport.Invoker);
        Assert.Throws<ObjectDisposedException>(() => endpoint.TransportFor(secure: true).Invoker);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((2, 2), (_opened, _closed));
    }

    [Fact]
    public void End_of_the_endpoint_is_the_end_of_a_port_that_was_never_used()
    {
        var endpoint = Create(Settings(), securePort: 8443);

        endpoint.CloseConnections(forGood: true);

        Assert.Throws<ObjectDisposedException>(() => endpoint.TransportFor(secure: true).Invoker);
        Assert.Equal(0, _opened);
    }

    [Fact]
    public void Replaced_connections_that_are_closed_are_not_kept()
    {
        var endpoint = Create(Settings());
        var old = Replaced(endpoint);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal((1, 1), (_opened, _closed));

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.False(old.TryGetTarget(out _));
        GC.KeepAlive(endpoint);
    }

    [Fact]
    public async Task Attempts_beside_replacements_never_find_closed_connections()
    {
        var endpoint = Create(Settings());
        var end = false;
        var attempts = Task.Run(
            () =>
            {
                for (var i = 0; i < 200_000; i++)
                {
                    endpoint.Load.Enter(At(1));
                    var transport = endpoint.Transport;
                    _ = transport.Invoker;
                    Assert.False(transport.IsClosed);
                    endpoint.Load.Exit(At(1));
                }

                Volatile.Write(ref end, true);
            },
            TestContext.Current.CancellationToken);
        while (!Volatile.Read(ref end) && !attempts.IsCompleted)
        {
            endpoint.Follow(Settings());
        }

        await attempts;
        _time.Advance(TimeSpan.FromSeconds(5));
        endpoint.CloseConnections(forGood: true);
        Assert.Equal(_opened, _closed);
    }

    private static EndpointTransport Use(Endpoint endpoint)
    {
        endpoint.Load.Enter(At(0));
        _ = endpoint.Transport.Invoker;
        return endpoint.Transport;
    }

    // Of its own, so that no local keeps them.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference<EndpointTransport> Replaced(Endpoint endpoint)
    {
        var old = Use(endpoint);
        endpoint.Follow(Settings());
        return new WeakReference<EndpointTransport>(old);
    }

    private static void TimeOut(Endpoint endpoint, EndpointTransport transport, double seconds)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://orders/")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        endpoint.Observe(transport, request, response: null, At(seconds), At(seconds), timedOut: true);
    }

    private static Endpoint Create(TransportSettings settings, int securePort = 0)
    {
        var description = TestSource.Endpoint("http://10.0.0.1:8080") with { SecurePort = securePort };
        return new Endpoint(description, new EndpointTransport(description, settings), At(0));
    }

    private TransportSettings Settings() => new(HostHeader.Auto, TlsName: null, _ =>
    {
        Interlocked.Increment(ref _opened);
        return new HttpMessageInvoker(new Connections(() => Interlocked.Increment(ref _closed)));
    })
    {
        Time = _time,
        Replaced = _dead.Add,
    };

    private sealed class Connections(Action closed) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("Nothing is sent here.");

        protected override void Dispose(bool disposing)
        {
            closed();
            base.Dispose(disposing);
        }
    }
}
