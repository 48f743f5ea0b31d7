namespace Mesh.Client.Simulation.Scenarios;

/// <summary>All scenarios, in the order of the tables.</summary>
internal static class KnownScenarios
{
    private static readonly Scenario Faulty = new("", "") { DurationMs = 35_000, Load = [(0, 0.6)] };

    private static readonly Window[] Fault = [new("pre", 5_000, 10_000), new("fault", 10_000, 25_000), new("post", 25_000, 35_000)];

    private static readonly Scenario Overload = new("", "")
    {
        DurationMs = 40_000,
        DeadlineMs = 500,
        AttemptMs = 250,
        Load = [(0, 0.6), (10_000, 1.5), (20_000, 0.6)],
        Windows = [new("over", 11_000, 20_000), new("drain", 20_000, 25_000), new("after", 25_000, 40_000)],
    };

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("steady", "40 clients, 40 equal servers, load 0.75"),
        new("dense", "4 clients, 40 servers, load 0.85") { Clients = 4, Load = [(0, 0.85)] },
        new("bimodal", "nine of ten requests take 5 ms, the tenth 55 ms, load 0.8") { Demand = DemandKind.Bimodal, Load = [(0, 0.8)] },
        new("fifo", "servers with a queue and 4 workers, log-normal work, load 0.8")
        {
            Clients = 20, Workers = 4, Fifo = true, Demand = DemandKind.LogNormal, Load = [(0, 0.8)],
        },
        new("hetero", "speeds 0.5, 1 and 1.5, log-normal work, load 0.75")
        {
            Demand = DemandKind.LogNormal,
            Speeds = [(0.5, 0.3), (1, 0.4), (1.5, 0.3)],
        },
        new("antagonist", "every 2 s another fifth of the servers runs at 0.4 of its speed, load 0.65")
        {
            Load = [(0, 0.65)],
            Faults = [new Antagonist(0.2, 0.4, 2_000) { At = 2_000 }],
        },
        new("wan", "as steady, 2 ms each way") { OneWayMs = 2 },
        new("big", "20 clients, 20 servers with 16 processors, load 0.85")
        {
            Clients = 20, Servers = 20, Workers = 16, DurationMs = 15_000, Load = [(0, 0.85)],
        },
        new("three", "1 client, 3 servers with one worker, speeds 1, 0.5 and 0.25, load 0.7")
        {
            Clients = 1, Servers = 3, Workers = 1, Fifo = true, MeanMs = 5, Speeds =
            [
                (1, 0.334),
                (0.5, 0.333),
                (0.25, 0.333),
            ], Load = [(0, 0.7)],
        },
        new("gc", "each server stands still for 200 ms about every 4 s, load 0.6")
        {
            Load = [(0, 0.6)],
            Faults = [new Pauses(4_000, 200) { At = 1_000 }],
        },
        Faulty with
        {
            Id = "gray", Title = "2 of 40 servers are ten times slower for 15 s", Windows = Fault,
            Faults = [new Slow(2, 0.1) { At = 10_000, Until = 25_000 }],
        },
        Faulty with
        {
            Id = "fastfail", Title = "2 of 40 servers answer 500 within 1 ms for 15 s", Windows = Fault,
            Faults = [new FastFail(2, 1, 1) { At = 10_000, Until = 25_000 }],
        },
        Faulty with
        {
            Id = "refuse-429", Title = "2 of 40 servers answer 429 within 1 ms for 15 s", Windows = Fault[1..2],
            Faults = [new FastFail(2, 1, 1, WrongAnswer.TooMany) { At = 10_000, Until = 25_000 }],
        },
        Faulty with
        {
            Id = "refuse-shed", Title = "2 of 40 servers answer 503 with mesh-overloaded within 1 ms for 15 s", Windows = Fault[1..2],
            Faults = [new FastFail(2, 1, 1, WrongAnswer.Shed) { At = 10_000, Until = 25_000 }],
        },
        Faulty with
        {
            Id = "refuse-404", Title = "2 of 40 servers answer 404 within 1 ms for 15 s", Windows = Fault[1..2],
            Faults = [new FastFail(2, 1, 1, WrongAnswer.NotFound) { At = 10_000, Until = 25_000 }],
        },
        Faulty with
        {
            Id = "refuse-501", Title = "2 of 40 servers answer 501 within 1 ms for 15 s", Windows = Fault[1..2],
            Faults = [new FastFail(2, 1, 1, WrongAnswer.NotImplemented) { At = 10_000, Until = 25_000 }],
        },
        Faulty with
        {
            Id = "refuse-reset", Title = "2 of 40 servers reset the connection within 1 ms for 15 s", Windows = Fault[1..2],
            Faults = [new FastFail(2, 1, 1, WrongAnswer.Reset) { At = 10_000, Until = 25_000 }],
        },
        Faulty with
        {
            Id = "refuse-200", Title = "200 clients, 3 servers, one of them answers 429 within 1 ms for 15 "
                + "s", Windows = Fault[1..2], Clients = 200, Servers = 3, Workers = 40,
            Faults = [new FastFail(1, 1, 1, WrongAnswer.TooMany) { At = 10_000, Until = 25_000 }],
        },
        Faulty with
        {
            Id = "partfail", Title = "4 of 40 servers fail 40 % of the requests within 1 ms for 15 s", Windows = Fault[1..],
            Faults = [new FastFail(4, 0.4, 1) { At = 10_000, Until = 25_000 }],
        },
        Faulty with
        {
            Id = "dead", Title = "connections to 2 of 40 servers time out (250 ms) for 15 s", Windows = Fault,
            Faults = [new Dead(2) { At = 10_000, Until = 25_000 }],
        },
        new("rolling", "restart of all, 2 at a time; the registry is 1.5 s late; cold for 2 s")
        {
            DurationMs = 40_000,
            Load = [(0, 0.55)],
            Faults = [new Rolling(2, 1_500, 1_500, 2_500, 500, 2_000, 0.3) { At = 6_000 }],
            Windows = [new("roll", 6_000, 38_000)],
        },
        Overload with { Id = "storm", Title = "load 1.5 for 10 s; deadline 500 ms" },
        Overload with { Id = "stormfifo", Title = "as storm, servers with a queue and 4 workers", Clients = 20, Workers = 4, Fifo = true },
        Overload with { Id = "storm5", Title = "as storm, load 5", Load = [(0, 0.6), (10_000, 5), (20_000, 0.6)] },
        Overload with
        {
            Id = "trigger", Title = "load 0.8; half of the servers refuse connections for 3 s", DurationMs = 35_000, Load = [(0, 0.8)],
            Faults = [new Outage(0.5) { At = 10_000, Until = 13_000 }],
            Windows = [new("fault", 10_000, 13_000), new("recover", 13_000, 18_000), new("after", 18_000, 35_000)],
        },
        new("scale", "200 clients, 200 servers, load 0.75") { Clients = 200, Servers = 200, DurationMs = 15_000 },
    ];
}
