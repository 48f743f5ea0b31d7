using System.Buffers;
using System.Text;
using CsCheck;
using Mesh.Client.Eureka;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Registration;
using Microsoft.Extensions.Logging.Abstractions;
using static Mesh.Client.Tests.Eureka.TestInstance;

namespace Mesh.Client.Tests.Eureka;

/// <summary>A client that applies deltas never has another picture than one that has just read everything.</summary>
public sealed class RegistryDeltaProperties
{
    private static readonly Gen<(int Act, int Which, int Status, bool Poll)> Steps = Gen.Select(
        Gen.Int[0, 5], Gen.Int[0, 29], Gen.Int[0, 4], Gen.Bool);

    /// <summary>200 lives of 50 mutations each: 10,000.</summary>
    [Fact]
    public void Delta_and_hash_equal_a_full_answer() => Steps.Array[50].Check(
        static steps =>
        {
            var world = new World();
            foreach (var (act, which, status, poll) in steps)
            {
                world.Mutate(act, which, (RegistrationStatus)status);
                if (poll)
                {
                    world.Poll();
                }
            }

            world.Poll();
        },
        count: 200);

    private sealed class World
    {
        private readonly Dictionary<int, EurekaInstance> _server = [];
        private readonly List<EurekaInstance> _changes = [];
        private readonly EurekaRegistry _registry = new();
        private readonly ReaderMemory _memory = new();
        private readonly RecordingSink _sink = new();
        private readonly EurekaPublisher _publisher;
        private int _version;

        public World()
        {
            _publisher = new EurekaPublisher(_sink, new(static () => NullLogger.Instance));
            for (var i = 0; i < 10; i++)
            {
                Mutate(0, i * 3, RegistrationStatus.Up);
            }

            _changes.Clear();
            _registry.Replace(Full(), TimeSpan.Zero, TimeSpan.Zero);
            Publish();
            _memory.Known = _registry;
        }

        public void Mutate(int act, int which, RegistrationStatus status)
        {
            if (act == 5 && _server.Remove(which, out _))
            {
                _changes.Add(Make(which, RegistrationStatus.Up, deleted: true));
                return;
            }

            _server[which] = Make(which, act == 0 ? RegistrationStatus.Up : status, deleted: false);
            _changes.Add(_server[which]);
        }

        public void Poll()
        {
            Assert.True(
                _registry.Apply(Read(Json(EurekaHash.Of(_server.Values), [.. _changes]), _memory), TimeSpan.Zero, TimeSpan.Zero),
                "The checksum does not fit.");
            Publish();

            // A registry repeats changes for some minutes.
            _changes.RemoveRange(0, Math.Max(0, _changes.Count - 5));

            var full = Full();
            Assert.Equal(_server.Count, full.Instances.Count);
            Assert.All(full.Instances, instance => Assert.Same(_registry.Find(instance.Names.App, instance.IdBytes), instance));

            var fresh = new EurekaRegistry();
            var sink = new RecordingSink();
            fresh.Replace(Read(Json([.. _server.Values]), new ReaderMemory()), TimeSpan.Zero, TimeSpan.Zero);
            new EurekaPublisher(sink, new(static () => NullLogger.Instance)).Publish(
                fresh.TakeChanges(), fresh.Accepted(), preferIPAddress: false);
            Assert.Equal(Picture(sink), Picture(_sink));
        }

        /// <summary>Ids that repeat over applications, addresses that repeat over ids, few labels.</summary>
        private EurekaInstance Make(int which, RegistrationStatus status, bool deleted) => Of(
            $"i{which % 10}",
            status,
            app: $"APP{which / 10}",
            host: "orders-1.example.com",
            port: 8000 + (which % 7),
            deleted: deleted,
            vip: which % 4 == 0 ? "shared,other" : $"app{which / 10}",
            registered: ++_version % 5,
            metadata: [new("version", $"{_version % 3}"), new("zone", "a")]);

        private EurekaApplications Full() => Read(Json([.. _server.Values]), _memory);

        private void Publish() => _publisher.Publish(_registry.TakeChanges(), _registry.Accepted(), preferIPAddress: false);

        private static EurekaApplications Read(string json, ReaderMemory memory) =>
            EurekaReader.Read(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(json)), memory);

        private static string[] Picture(RecordingSink sink) =>
        [
            .. sink.Services.Where(service => service.Value.Count > 0)
                .Select(service => $"{service.Key}: "
                    + $"{string.Join(' ', service.Value.Select(e => $"{e.InstanceId}={e.Address} {e.Registered} {e.Labels["version"]}"))}")
                .Order(StringComparer.Ordinal),
        ];
    }
}
