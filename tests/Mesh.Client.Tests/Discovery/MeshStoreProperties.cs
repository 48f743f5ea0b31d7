using CsCheck;
using Mesh.Client.Discovery;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Services;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Discovery;

/// <summary>Whatever sources say, take back and get refused, and whatever is reloaded between: what is in force is what a plain computation
/// from everything that was accepted last gives, and what has not changed is the same object.</summary>
public sealed class MeshStoreProperties
{
    private static readonly string[] Services = ["orders", "payments"];

    private static readonly string[] Sources = ["registry-a", "registry-b", "plane-a", "plane-b", "run time"];

    private static readonly Gen<Said> Words =
        from timeout in Gen.Int[-1, 3]
        from retries in Gen.Int[-1, 3]
        from tls in Gen.Int[-1, 1]
        from hosts in Gen.Int[-1, 3]
        select new Said(timeout, retries, tls, hosts);

    private static readonly Gen<Step> Steps =
        from what in Gen.Int[0, 9]
        from source in Gen.Int[0, Sources.Length - 1]
        from service in Gen.Int[-1, Services.Length - 1]
        from said in Words
        from over in Words
        select new Step(what, Sources[source], service < 0 ? null : Services[service], said, over);

    [Fact]
    public void What_is_in_force_is_what_was_accepted_last() => Steps.Array[1, 25].Check(
        static story =>
        {
            using var world = new World();
            foreach (var step in story)
            {
                var before = Services.ToDictionary(static name => name, world.StateOf);
                world.Do(step);
                foreach (var name in Services)
                {
                    Assert.Equal(world.Expected(name), world.InForce(name));
                    World.HasKept(before[name], world.StateOf(name), name);
                }
            }
        },
        count: 300);

    /// <summary>What somebody says; -1 for nothing.</summary>
    private sealed record Said(int Timeout, int Retries, int Tls, int Hosts)
    {
        public static readonly Said Nothing = new(-1, -1, -1, -1);

        public ServiceOptions Settings => new()
        {
            Timeout = Timeout < 0 ? null : TimeSpan.FromSeconds(Timeout + 1),
            Retry = { MaxRetries = Retries < 0 ? null : Retries },
            RequireTls = Tls < 0 ? null : Tls == 1,
        };
    }

    private sealed record Step(int What, string Source, string? Service, Said Said, Said Over);

    private sealed class World : IDisposable
    {
        private readonly TestSource[] _sources =
        [
            new("registry-a"), new("registry-b"),
            new("plane-a", MeshSourceRank.ControlPlane), new("plane-b", MeshSourceRank.ControlPlane),
        ];

        private readonly MeshFixture _mesh;
        private readonly MeshStore _store;
        private readonly IMeshOverrides _overrides;

        // Everything that was accepted last, by who said it about whom.
        private readonly Dictionary<(string Who, string? Service), Said> _said = [];

        public World()
        {
            _mesh = new MeshFixture(services: services =>
            {
                foreach (var source in _sources)
                {
                    services.AddSingleton<IMeshSource>(source);
                }
            });
            _mesh.Directory.Start();
            _store = _mesh.Provider.GetRequiredService<MeshStore>();
            _overrides = _mesh.Provider.GetRequiredService<IMeshOverrides>();
            foreach (var name in Services)
            {
                Sink("registry-a").Publish(name, []);
                _said[("registry-a", name)] = Said.Nothing with { Hosts = 0 };

                // A name that was never called could be forgotten.
                _mesh.Service(name).Standing.MarkCalled(_mesh.Service(name).Clock.Now);
            }
        }

        public void Dispose() => _mesh.Dispose();

        public void Do(Step step)
        {
            switch (step.What)
            {
                case 0 or 1:
                    Configure(step);
                    break;
                case 2 when step.Source != RunTimeOverrides.Name && step.Service is { } service:
                    Sink(step.Source).Withdraw(service);

                    // A registry that names it no longer has no endpoint of it: once a service, always a service.
                    _said.Remove((step.Source, service), out var before);
                    if (before is { Hosts: >= 0 } && step.Source.StartsWith("registry", StringComparison.Ordinal))
                    {
                        _said[(step.Source, service)] = Said.Nothing with { Hosts = 0 };
                    }

                    break;
                case 3:
                    Refuse(step);
                    break;
                default:
                    Say(step);
                    break;
            }
        }

        /// <summary>By the rules as docs/own-source.md has them: the more specific place first, then who says it.</summary>
        public string Expected(string service)
        {
            var timeout = Best(service, static said => said.Timeout) ?? Best(null, static said => said.Timeout) ?? 9;
            var retries = Best(service, static said => said.Retries) ?? Best(null, static said => said.Retries) ?? 2;
            return $"{timeout + 1} s, {retries} retries, TLS {NeedsTls(service)}, {Hosts(service)}";
        }

        public string InForce(string service)
        {
            var state = _mesh.Service(service);
            var model = state.Model;
            var hosts = state.Endpoints.Current.All.Select(static endpoint => endpoint.Name).Order();
            var policy = model.Routes[0].Policy;
            return $"{policy.Timeout.TotalSeconds} s, {policy.MaxRetries} retries, TLS {model.RequireTls}, {string.Join(' ', hosts)}";
        }

        public State StateOf(string service)
        {
            var state = _mesh.Service(service);
            return new State(
                state, state.Model.Policy.ToString(), state.Balancer, state.Breaker, state.Budget, state.LearnedTimeout,
                state.Endpoints.Current.All.ToDictionary(static endpoint => endpoint.Name, static endpoint => (object)endpoint));
        }

        public static void HasKept(State before, State after, string service)
        {
            Assert.Same(before.Service, after.Service);
            Assert.Same(before.Learned, after.Learned);
            Assert.Same(before.Budget, after.Budget);
            if (before.Policy == after.Policy)
            {
                Assert.Same(before.Balancer, after.Balancer);
                Assert.Same(before.Breaker, after.Breaker);
            }

            foreach (var (name, endpoint) in after.Endpoints)
            {
                Assert.True(
                    !before.Endpoints.TryGetValue(name, out var known) || ReferenceEquals(known, endpoint),
                    $"{name} of {service} was made anew.");
            }
        }

        private void Say(Step step)
        {
            var said = step.Said;
            MeshUpdateResult answer;
            if (step.Source == RunTimeOverrides.Name)
            {
                said = said with { Hosts = -1 };
                if (said == Said.Nothing)
                {
                    _overrides.Remove(step.Service);
                    _said.Remove((step.Source, step.Service));
                    return;
                }

                answer = _overrides.Apply(new MeshOverride(
                    step.Service, said.Settings, _mesh.Time.GetUtcNow().AddDays(1), "a test"));
            }
            else if (step.Service is null)
            {
                said = said with { Hosts = -1 };
                answer = Sink(step.Source).Publish(new DefaultsUpdate(said.Settings));
            }
            else
            {
                answer = Sink(step.Source).Publish(new ServiceUpdate(step.Service)
                {
                    Settings = said.Settings,
                    Endpoints = said.Hosts < 0 ? null : [.. HostsOf(step.Source, said).Select(TestSource.Endpoint)],
                });
            }

            Assert.True(answer.IsAccepted, string.Join(' ', answer.Reasons));
            _said[(step.Source, step.Service)] = said;
        }

        private void Refuse(Step step)
        {
            var wrong = step.Said.Settings;
            wrong.Retry.MaxRetries = 99;
            var answer = step.Source == RunTimeOverrides.Name
                ? _overrides.Apply(new MeshOverride(step.Service, wrong, _mesh.Time.GetUtcNow().AddDays(1), "a test"))
                : Sink(step.Source).Publish(step.Service is null
                    ? new DefaultsUpdate(wrong)
                    : new ServiceUpdate(step.Service) { Settings = wrong, Endpoints = [TestSource.Endpoint("http://10.9.9.9")] });
            Assert.False(answer.IsAccepted);
        }

        private void Configure(Step step)
        {
            var options = new MeshOptions { Defaults = step.Said.Settings };
            options.Override.Defaults = step.Over.Settings;
            if (step.Service is { } service)
            {
                options.Defaults = new ServiceOptions();
                options.Override.Defaults = new ServiceOptions();
                options.Services[service] = step.Said.Settings;
                options.Services[service].Endpoints = [.. HostsOf("file", step.Said).Select(EndpointOptions.FromString)];
                options.Override.Services[service] = step.Over.Settings;
            }

            _store.Configure(options, static _ => { }, static (exception, _) => Assert.Fail(exception.ToString()));
            foreach (var key in _said.Keys.Where(static key => key.Who is "file" or "override").ToList())
            {
                _said.Remove(key);
            }

            // An empty list of the configuration says nothing.
            _said[("file", step.Service)] = step.Service is null || step.Said.Hosts == 0 ? step.Said with { Hosts = -1 } : step.Said;
            _said[("override", step.Service)] = step.Over with { Hosts = -1 };
        }

        private static int RankOf(string who) => who switch
        {
            "override" => 5,
            RunTimeOverrides.Name => 4,
            "plane-a" or "plane-b" => 3,
            "file" => 2,
            _ => 1,
        };

        private IEnumerable<KeyValuePair<(string Who, string? Service), Said>> About(string? service) =>
            _said.Where(pair => pair.Key.Service == service)
                .OrderByDescending(static pair => RankOf(pair.Key.Who))
                .ThenBy(static pair => pair.Key.Who, StringComparer.Ordinal);

        private int? Best(string? service, Func<Said, int> value) =>
            About(service).Select(pair => (int?)value(pair.Value)).FirstOrDefault(static found => found >= 0);

        /// <summary>The first who says yes, or may say no: only the operator may.</summary>
        private bool NeedsTls(string service) => Tls(service) ?? Tls(null) ?? false;

        private bool? Tls(string? service)
        {
            foreach (var ((who, _), said) in About(service))
            {
                if (said.Tls == 1 || (said.Tls == 0 && RankOf(who) is 2 or 5))
                {
                    return said.Tls == 1;
                }
            }

            return null;
        }

        private string Hosts(string service)
        {
            var lists = About(service).Where(static pair => pair.Value.Hosts >= 0).ToList();
            if (lists.Count == 0 || NeedsTls(service))
            {
                // All of them are plain ones.
                return string.Empty;
            }

            var highest = lists.Max(static pair => RankOf(pair.Key.Who));
            return string.Join(' ', lists.Where(pair => RankOf(pair.Key.Who) == highest)
                .SelectMany(static pair => HostsOf(pair.Key.Who, pair.Value))
                .Select(static url => url["http://".Length..] + ":80")
                .Order());
        }

        private static IEnumerable<string> HostsOf(string who, Said said) =>
            Enumerable.Range(1, Math.Max(0, said.Hosts)).Select(host => $"http://10.{Math.Abs(RankOf(who))}.{who[^1] % 50}.{host}");

        private IMeshSink Sink(string name) => _sources.Single(source => source.Name == name).Sink.Result;
    }

    private sealed record State(
        Service Service,
        string Policy,
        object Balancer,
        object Breaker,
        object Budget,
        object Learned,
        IReadOnlyDictionary<string, object> Endpoints);
}
