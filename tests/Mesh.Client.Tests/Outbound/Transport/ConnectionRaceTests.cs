using System.Net;
using System.Net.Sockets;
using Mesh.Client.Outbound.Transport;

namespace Mesh.Client.Tests.Outbound.Transport;

/// <summary>A name with several addresses connects although some of them are silent.</summary>
public sealed class ConnectionRaceTests
{
    private const int Port = 8080;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly CountingTime _time = new();
    private readonly Connector _connector = new();
    private readonly ConnectionRace _race;

    public ConnectionRaceTests() => _race = new ConnectionRace(_connector, new SilentAddresses(_time), _time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ConnectAsync_silent_address_gets_a_rival_after_a_moment_and_is_closed_when_that_wins()
    {
        var connecting = ConnectAsync("10.0.0.1", "10.0.0.2");
        Assert.Equal(["10.0.0.1"], _connector.Begun);
        _time.Advance(TimeSpan.FromMilliseconds(249));
        Assert.Equal(["10.0.0.1"], _connector.Begun);
        await AdvanceAsync(1, begun: 2);

        _connector.Answer("10.0.0.2");

        Assert.Same(_connector.StreamOf("10.0.0.2"), await connecting);
        Assert.True(_connector.IsCancelled("10.0.0.1"));
        Assert.True(_connector.StreamOf("10.0.0.2").CanRead);
    }

    [Fact]
    public async Task ConnectAsync_slow_address_may_still_win_and_its_rival_is_closed()
    {
        var connecting = ConnectAsync("10.0.0.1", "10.0.0.2");
        await AdvanceAsync(250, begun: 2);
        _connector.IgnoresCancellation = true;
        _connector.Answer("10.0.0.1");
        Assert.Same(_connector.StreamOf("10.0.0.1"), await connecting);

        // It was too late to end it: what comes of it is closed all the same.
        _connector.Answer("10.0.0.2");

        Assert.False(_connector.StreamOf("10.0.0.2").CanRead);
        Assert.True(_connector.StreamOf("10.0.0.1").CanRead);
    }

    [Fact]
    public async Task ConnectAsync_refused_address_is_left_at_once()
    {
        var connecting = ConnectAsync("10.0.0.1", "10.0.0.2", "10.0.0.3");
        _connector.Refuse("10.0.0.1");
        await BegunAsync(2);
        _connector.Refuse("10.0.0.2");
        await BegunAsync(3);
        _connector.Answer("10.0.0.3");

        Assert.Same(_connector.StreamOf("10.0.0.3"), await connecting);
    }

    [Fact]
    public async Task ConnectAsync_all_refuse_is_the_last_failure()
    {
        var connecting = ConnectAsync("10.0.0.1", "10.0.0.2");
        _connector.Refuse("10.0.0.1");
        await BegunAsync(2);
        _connector.Refuse("10.0.0.2", SocketError.HostUnreachable);

        var failure = await Assert.ThrowsAsync<SocketException>(async () => await connecting);

        Assert.Equal(SocketError.HostUnreachable, failure.SocketErrorCode);
    }

    [Fact]
    public async Task ConnectAsync_families_take_turns()
    {
        var connecting = ConnectAsync("fd00::1", "fd00::2", "fd00::3", "10.0.0.1", "10.0.0.2", "fd00::1");
        for (var begun = 2; begun <= 5; begun++)
        {
            await AdvanceAsync(250, begun);
        }

        Assert.Equal(["fd00::1", "10.0.0.1", "fd00::2", "10.0.0.2", "fd00::3"], _connector.Begun);
        _connector.Answer("fd00::3");
        await connecting;
    }

    [Theory]
    [InlineData(2, 1000)]
    [InlineData(4, 1000)]
    [InlineData(12, 1000)]
    [InlineData(12, 300)]
    public async Task ConnectAsync_every_address_gets_its_turn_within_the_time(int count, int milliseconds)
    {
        string[] addresses = [.. Enumerable.Range(1, count).Select(i => $"10.0.0.{i}")];
        var connecting = _race.ConnectAsync([.. addresses.Select(IPAddress.Parse)], Port, TimeSpan.FromMilliseconds(milliseconds), Token);

        // Equal parts, so that there is one left for the last to answer.
        var part = Math.Min(250, milliseconds / (count + 1.0));
        for (var begun = 2; begun <= count; begun++)
        {
            await AdvanceAsync(TimeSpan.FromMilliseconds(part) + TimeSpan.FromTicks(1), begun);
        }

        _connector.Answer(addresses[^1]);
        Assert.Same(_connector.StreamOf(addresses[^1]), await connecting);
    }

    [Fact]
    public async Task ConnectAsync_address_that_was_silent_is_tried_last_for_a_while()
    {
        var first = ConnectAsync("10.0.0.1", "10.0.0.2");
        await AdvanceAsync(250, begun: 2);
        _connector.Answer("10.0.0.2");
        await first;

        _connector.Reset();
        var second = ConnectAsync("10.0.0.1", "10.0.0.2");
        Assert.Equal(["10.0.0.2"], _connector.Begun);
        _connector.Answer("10.0.0.2");
        await second;

        _connector.Reset();
        _time.Advance(SilentAddresses.Memory);
        var third = ConnectAsync("10.0.0.1", "10.0.0.2");
        Assert.Equal(["10.0.0.1"], _connector.Begun);
        _connector.Answer("10.0.0.1");
        await third;
    }

    [Fact]
    public async Task ConnectAsync_address_that_answers_again_is_no_longer_last()
    {
        var first = ConnectAsync("10.0.0.1", "10.0.0.2");
        _connector.Refuse("10.0.0.1");
        await BegunAsync(2);
        _connector.Answer("10.0.0.2");
        await first;

        _connector.Reset();
        var second = ConnectAsync("10.0.0.1", "10.0.0.3");
        await AdvanceAsync(250, begun: 2);
        Assert.Equal(["10.0.0.3", "10.0.0.1"], _connector.Begun);
        _connector.Answer("10.0.0.1");
        await second;

        // The other of the first time has answered, and is no reason to come first.
        _connector.Reset();
        var third = ConnectAsync("10.0.0.1", "10.0.0.2");
        Assert.Equal(["10.0.0.1"], _connector.Begun);
        _connector.Answer("10.0.0.1");
        await third;
    }

    [Fact]
    public async Task ConnectAsync_time_that_is_over_ends_all_and_the_next_begins_with_what_was_tried_least()
    {
        using var over = new CancellationTokenSource();
        var connecting = _race.ConnectAsync(
            [.. new[] { "10.0.0.1", "10.0.0.2", "10.0.0.3" }.Select(IPAddress.Parse)], Port, Second, over.Token);
        await AdvanceAsync(250, begun: 2);
        await over.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await connecting);
        Assert.True(_connector.IsCancelled("10.0.0.1"));
        Assert.True(_connector.IsCancelled("10.0.0.2"));

        _connector.Reset();
        var next = ConnectAsync("10.0.0.1", "10.0.0.2", "10.0.0.3");
        Assert.Equal(["10.0.0.2"], _connector.Begun);
        _connector.Answer("10.0.0.2");
        await next;
    }

    /// <summary>Many addresses in a short time would be tried all at once.</summary>
    [Fact]
    public async Task ConnectAsync_next_address_of_many_waits_for_its_turn()
    {
        string[] addresses = [.. Enumerable.Range(1, 100).Select(i => $"10.0.0.{i}")];
        var connecting = _race.ConnectAsync([.. addresses.Select(IPAddress.Parse)], Port, TimeSpan.FromMilliseconds(300), Token);
        await AdvanceAsync(TimeSpan.FromMilliseconds(9.9), begun: 1);
        await Settled();
        Assert.Equal(["10.0.0.1"], _connector.Begun);
        await AdvanceAsync(TimeSpan.FromMilliseconds(0.1), begun: 2);

        _connector.Answer("10.0.0.2");
        await connecting;
    }

    [Fact]
    public async Task ConnectAsync_address_that_is_named_twice_is_tried_once()
    {
        var connecting = ConnectAsync("10.0.0.1", "10.0.0.1");
        _connector.Refuse("10.0.0.1");

        await Assert.ThrowsAsync<SocketException>(() => connecting.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token));

        Assert.Equal(["10.0.0.1"], _connector.Begun);
    }

    [Fact]
    public async Task ConnectAsync_one_that_is_there_is_taken_although_another_has_failed_meanwhile()
    {
        _connector.OnBegin = address =>
        {
            if (address == "10.0.0.3")
            {
                _connector.Refuse("10.0.0.1");
                _connector.Answer("10.0.0.2");
            }
        };
        var connecting = ConnectAsync("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4");
        await AdvanceAsync(250, begun: 2);
        await AdvanceAsync(250, begun: 3);

        Assert.Same(_connector.StreamOf("10.0.0.2"), await connecting);
        Assert.Equal(["10.0.0.1", "10.0.0.2", "10.0.0.3"], _connector.Begun);
    }

    [Fact]
    public async Task ConnectAsync_time_that_is_over_ends_also_what_does_not_heed_it()
    {
        using var over = new CancellationTokenSource();
        _connector.IgnoresCancellation = true;
        _connector.OnBegin = static address => Assert.NotEqual("10.0.0.3", address);
        var connecting =
            _race.ConnectAsync([.. new[] { "10.0.0.1", "10.0.0.2", "10.0.0.3" }.Select(IPAddress.Parse)], Port, Second, over.Token);
        await AdvanceAsync(250, begun: 2);

        await over.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await connecting);
    }

    [Fact]
    public void SilentAddresses_full_forgets_only_what_is_old()
    {
        var silent = new SilentAddresses(_time);
        for (var i = 0; i < 1000; i++)
        {
            if (i == 500)
            {
                _time.Advance(SilentAddresses.Memory / 2);
            }

            silent.Add(new IPEndPoint(IPAddress.Loopback, i));
        }

        _time.Advance(SilentAddresses.Memory / 2);
        silent.Add(new IPEndPoint(IPAddress.Loopback, 1000));

        Assert.Equal(
            Enumerable.Range(500, 501), Enumerable.Range(0, 1001).Where(i => silent.Contains(new IPEndPoint(IPAddress.Loopback, i))));
    }

    [Fact]
    public void SilentAddresses_ever_new_addresses_fill_no_memory_and_old_ones_make_room()
    {
        var silent = new SilentAddresses(_time);
        for (var i = 0; i < 5000; i++)
        {
            silent.Add(new IPEndPoint(IPAddress.Loopback, i));
        }

        Assert.Equal(1000, Enumerable.Range(0, 5000).Count(i => silent.Contains(new IPEndPoint(IPAddress.Loopback, i))));
        _time.Advance(SilentAddresses.Memory);
        silent.Add(new IPEndPoint(IPAddress.Loopback, 4999));

        Assert.True(silent.Contains(new IPEndPoint(IPAddress.Loopback, 4999)));
        Assert.False(silent.Contains(new IPEndPoint(IPAddress.Loopback, 1)));
    }

    private Task<Stream> ConnectAsync(params string[] addresses) =>
        _race.ConnectAsync([.. addresses.Select(IPAddress.Parse)], Port, TimeSpan.FromSeconds(60), Token).AsTask();

    private Task AdvanceAsync(int milliseconds, int begun) => AdvanceAsync(TimeSpan.FromMilliseconds(milliseconds), begun);

    private async Task AdvanceAsync(TimeSpan time, int begun)
    {
        // Else the wait for the next address would begin only after the time has passed.
        while (_time.Timers == 0)
        {
            Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        _time.Advance(time);
        await BegunAsync(begun);
    }

    private static async Task Settled()
    {
        for (var i = 0; i < 100; i++)
        {
            await Task.Yield();
        }
    }

    private Task BegunAsync(int count) => _connector.WhenBegun(count).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);

    private sealed class Connector : IConnector
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<string, (TaskCompletionSource<Stream> Source, CancellationToken Token, Stream Stream)> _connections =
            [];
        private readonly List<string> _begun = [];
        private readonly List<(int Count, TaskCompletionSource Source)> _waiting = [];

        public bool IgnoresCancellation { get; set; }

        /// <summary>Called with each address before its connection is begun.</summary>
        public Action<string> OnBegin { get; set; } = static _ => { };

        public IReadOnlyList<string> Begun
        {
            get
            {
                lock (_gate)
                {
                    return [.. _begun];
                }
            }
        }

        public ValueTask<Stream> ConnectAsync(IPEndPoint address, CancellationToken cancellationToken)
        {
            Assert.Equal(Port, address.Port);
            OnBegin(address.Address.ToString());
            lock (_gate)
            {
                var name = address.Address.ToString();
                var source = new TaskCompletionSource<Stream>();
                cancellationToken.Register(() =>
                {
                    if (!IgnoresCancellation)
                    {
                        source.TrySetCanceled(cancellationToken);
                    }
                });
                _connections[name] = (source, cancellationToken, new MemoryStream());
                _begun.Add(name);
                foreach (var (count, waiting) in _waiting)
                {
                    if (_begun.Count >= count)
                    {
                        waiting.TrySetResult();
                    }
                }

                return new(source.Task);
            }
        }

        public Task WhenBegun(int count)
        {
            lock (_gate)
            {
                var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                if (_begun.Count >= count)
                {
                    source.SetResult();
                }
                else
                {
                    _waiting.Add((count, source));
                }

                return source.Task;
            }
        }

        public void Answer(string address) => _connections[address].Source.TrySetResult(_connections[address].Stream);

        public void Refuse(string address, SocketError error = SocketError.ConnectionRefused) =>
            _connections[address].Source.TrySetException(new SocketException((int)error));

        public bool IsCancelled(string address) => _connections[address].Token.IsCancellationRequested;

        public Stream StreamOf(string address) => _connections[address].Stream;

        public void Reset()
        {
            lock (_gate)
            {
                _begun.Clear();
                _connections.Clear();
            }
        }
    }
}
