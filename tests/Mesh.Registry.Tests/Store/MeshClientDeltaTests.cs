using System.Buffers;
using CsCheck;
using Mesh.Client;
using Mesh.Registry.Store;
using Mesh.Registry.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using ClientMemory = Mesh.Client.Eureka.Wire.ReaderMemory;
using ClientPublisher = Mesh.Client.Eureka.EurekaPublisher;
using ClientReader = Mesh.Client.Eureka.Wire.EurekaReader;
using ClientRegistry = Mesh.Client.Eureka.EurekaRegistry;
using InstanceStatus = Mesh.Registry.Instances.InstanceStatus;

namespace Mesh.Registry.Tests.Store;

/// <summary>The registry's own answers, read and applied by the mesh's client: deltas and their checksum give
/// what a full answer gives, for both.</summary>
public sealed class MeshClientDeltaTests
{
    private static readonly Gen<(int Act, int Instance, int Status, bool Poll)> Steps = Gen.Select(
        Gen.Int[0, 7], Gen.Int[0, 59], Gen.Int[0, 4], Gen.Bool);

    [Fact]
    public void Full_and_all_deltas_since_give_what_a_full_answer_gives() => Steps.Array[0, 60].Check(
        static steps =>
        {
            var world = new World();
            foreach (var (act, number, status, poll) in steps)
            {
                DeltaPropertyTests.Act(world.Store, world.Time, act, number, (InstanceStatus)status);
                if (poll)
                {
                    world.Poll();
                }
            }

            world.Poll();
        },
        count: 300);

    [Fact]
    public void Ten_thousand_changes_leave_no_difference_to_a_full_answer()
    {
        var chance = new Random(20261123);
        var world = new World();
        for (var change = 0; change < 10_000; change++)
        {
            DeltaPropertyTests.Act(world.Store, world.Time, chance.Next(8), chance.Next(60), (InstanceStatus)chance.Next(5));
            if (chance.Next(20) == 0)
            {
                world.Poll();
            }
        }

        world.Poll();
        Assert.True(world.Store.Counters is { Registered: > 100, Cancelled: > 100, Evicted: > 100 });
    }

    private sealed class World
    {
        private readonly ListingCache _cache;
        private readonly ClientRegistry _registry = new();
        private readonly ClientMemory _memory = new();
        private readonly Sink _sink = new();
        private readonly ClientPublisher _publisher;

        public World()
        {
            Store = Samples.Store(Time);
            _cache = new ListingCache(Store, Samples.Settings(), Time);
            _publisher = new ClientPublisher(_sink, new(static () => NullLogger.Instance));
            _registry.Replace(ClientReader.Read(Bytes(_cache.Current.Full), _memory), TimeSpan.Zero, TimeSpan.Zero);
            _publisher.Publish(_registry.TakeChanges(), _registry.Accepted(), preferIPAddress: false);
            _memory.Known = _registry;
        }

        public Microsoft.Extensions.Time.Testing.FakeTimeProvider Time { get; } = Clock.Create();

        public RegistryStore Store { get; }

        public void Poll()
        {
            // Without a grace period: what the registry says is believed at once.
            Assert.True(
                _registry.Apply(ClientReader.Read(Bytes(_cache.Current.Delta!), _memory), TimeSpan.Zero, TimeSpan.Zero),
                "The checksum does not fit.");
            _publisher.Publish(_registry.TakeChanges(), _registry.Accepted(), preferIPAddress: false);

            // What is listed with the same content is the same object: all of it must be.
            var full = ClientReader.Read(Bytes(_cache.Current.Full), _memory);
            Assert.All(full.Instances, instance => Assert.Same(_registry.Find(instance.Names.App, instance.IdBytes), instance));
            Assert.Equal(full.Instances.Count(instance => instance.IsUp), _registry.BelievedCount);

            var fresh = new ClientRegistry();
            var freshSink = new Sink();
            fresh.Replace(ClientReader.Read(Bytes(_cache.Current.Full), new ClientMemory()), TimeSpan.Zero, TimeSpan.Zero);
            new ClientPublisher(freshSink, new(static () => NullLogger.Instance)).Publish(
                fresh.TakeChanges(), fresh.Accepted(), preferIPAddress: false);
            Assert.Equal(freshSink.Picture(), _sink.Picture());
        }

        private static ReadOnlySequence<byte> Bytes(Payloads payloads) => new(payloads.In(WireForm.Json).Plain);
    }

    private sealed class Sink : IMeshSink
    {
        private readonly SortedDictionary<string, string> _services = new(StringComparer.Ordinal);

        public Task NewsWanted { get; } = new TaskCompletionSource().Task;

        public Task NewsNeeded { get; } = new TaskCompletionSource().Task;

        public MeshUpdateResult Publish(MeshUpdate update)
        {
            var service = Assert.IsType<ServiceUpdate>(update);
            _services[service.Service] = string.Join(
                ' ', service.Endpoints!.Select(endpoint => $"{endpoint.InstanceId}={endpoint.Address}@{endpoint.Registered}"));
            return MeshUpdateResult.Accepted;
        }

        public bool Withdraw(string service) => _services.Remove(service);

        public void LeaveOut(IReadOnlySet<string> names)
        {
        }

        public void Ready()
        {
        }

        public void BeginRead()
        {
        }

        public void EndRead(TimeSpan pause, string? failure = null)
        {
        }

        public void StopReading()
        {
        }

        /// <summary>Services that were there and have no endpoint any more are none to somebody who comes later.</summary>
        public string Picture() =>
            string.Join('\n', _services.Where(service => service.Value.Length > 0).Select(service => $"{service.Key}: {service.Value}"));
    }
}
