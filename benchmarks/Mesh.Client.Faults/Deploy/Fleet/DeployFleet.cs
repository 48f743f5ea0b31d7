using System.Globalization;
using Mesh.Client.Faults.Deploy.Roles;
using Samples.Processes;

namespace Mesh.Client.Faults.Deploy.Fleet;

/// <summary>The processes that one contender talks to: three instances and, with the mesh, a registry. Whatever happens,
/// <see cref="Dispose"/> ends them.</summary>
internal sealed class DeployFleet : IDisposable
{
    public const int Size = 3;

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(60);

    private readonly DeployScenario _scenario;
    private readonly DeployTimes _times;
    private readonly DeployContender _contender;
    private readonly Queue<int> _ports;
    private readonly ServiceProcess? _registry;
    private readonly List<ServiceProcess> _all = [];
    private readonly ServiceProcess[] _instances = new ServiceProcess[Size];
    private readonly int[] _generations = new int[Size];
    private readonly InstanceProbe _probe = new();

    public DeployFleet(DeployScenario scenario, DeployTimes times, DeployContender contender, string folder, Queue<int> ports)
    {
        _scenario = scenario;
        _times = times;
        _contender = contender;
        _ports = ports;
        Folder = Directory.CreateDirectory(folder).FullName;
        if (contender.IsMesh && !scenario.NoRegistry)
        {
            _registry = Add(new ServiceProcess(Role.Registry, 1, ports.Dequeue(), Folder, FleetSettings.Registry(scenario)));
            RegistryUrl = new Uri(_registry.Address, "/eureka/");
        }

        for (var i = 0; i < Size; i++)
        {
            _instances[i] = Create(i, ports.Dequeue());
        }
    }

    /// <summary>How many ports a fleet may need.</summary>
    public static int Ports => 1 + (2 * Size);

    public string Folder { get; }

    /// <summary>Null where there is none.</summary>
    public Uri? RegistryUrl { get; }

    public IReadOnlyList<ServiceProcess> Instances => _instances;

    /// <summary>Processes that ended although nobody asked for it.</summary>
    public IEnumerable<string> Crashes =>
        _all.Where(process => process.Crash is not null).Select(process => $"{process.Name}, exit code {process.Crash!.ExitCode}");

    public async Task StartAsync(CancellationToken cancellation)
    {
        if (_registry is not null)
        {
            _registry.Start();
            await _registry.WaitUntilAsync(() => _probe.AnswersAsync(_registry, http2: false), cancellation);
        }

        foreach (var instance in _instances)
        {
            instance.Start();
        }

        await Task.WhenAll(Enumerable.Range(0, Size).Select(i => WaitAsync(i, cancellation)));
    }

    public Task KillRegistryAsync(CancellationToken cancellation) => _registry?.KillAsync(cancellation) ?? Task.CompletedTask;

    /// <summary>Ends an instance as the scenario says and puts a new process in its place.</summary>
    /// <returns>What happened, for the person at the console.</returns>
    public async Task<string> ReplaceAsync(int number, CancellationToken cancellation)
    {
        var old = _instances[number];
        var end = _scenario.Killed ? await old.KillAsync(cancellation) : await old.StopAsync(StopTimeout, cancellation);
        if (!_scenario.Killed && end.ExitCode != 0)
        {
            throw new DemoException($"{old.Name} (pid {end.Pid}) ended with exit code {end.ExitCode} after SIGTERM.");
        }

        await Task.Delay(_times.Away, cancellation);
        if (_scenario.NewPort && _registry is not null)
        {
            _instances[number] = Create(number, _ports.Dequeue());
        }

        var instance = _instances[number];
        instance.Start();
        await WaitAsync(number, cancellation);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{old.Name} pid {end.Pid} ended after {end.Took.TotalSeconds:0.0} s; pid {instance.Pid} serves at port "
            + $"{instance.Address.Port}");
    }

    /// <summary>Says that it is over: Ctrl-C in a terminal reaches the processes, too, and they end by themselves.</summary>
    public void ExpectEnd() => _all.ForEach(process => process.ExpectEnd());

    public void Dispose()
    {
        foreach (var process in Enumerable.Reverse(_all))
        {
            process.Dispose();
        }

        _probe.Dispose();
    }

    private ServiceProcess Create(int number, int port)
    {
        var name = InstanceId(number, ++_generations[number]);
        var ledger = Path.Combine(Folder, name + Ledger.Extension);
        return Add(new ServiceProcess(
            Role.Orders, (number + 1) * 10 + _generations[number], port, Folder,
                FleetSettings.Instance(_scenario, _times, _contender, ledger, name, RegistryUrl)));
    }

    private static string InstanceId(int number, int generation) =>
        string.Create(CultureInfo.InvariantCulture, $"orders-{number + 1}{generation}");

    private ServiceProcess Add(ServiceProcess process)
    {
        _all.Add(process);
        return process;
    }

    /// <summary>Until it serves and, where that can be known, is published.</summary>
    private async Task WaitAsync(int number, CancellationToken cancellation)
    {
        var instance = _instances[number];
        await instance.WaitUntilAsync(() => _probe.AnswersAsync(instance, _scenario.Http2), cancellation);
        if (_registry is { State: ServiceState.Up })
        {
            await instance.WaitUntilAsync(() => _probe.IsUpAsync(RegistryUrl!, InstanceId(number, _generations[number])), cancellation);
        }
    }
}
