using Mesh.Registry.Server;

namespace Mesh.Registry.Tests;

public sealed class ServerArgumentsTests
{
    [Fact]
    public void Options_become_settings()
    {
        Assert.True(ServerArguments.TryParse(
            ["--port=9000", "--bind", "any", "--peer", "http://b:1/eureka/", "--peer=http://c:1/eureka/", "--lease", "5s",
                "--eviction-interval", "500ms", "--no-self-preservation", "--max-instances", "7"],
            out var arguments,
            out _));

        Assert.Equal((9000, "[::]"), (arguments.Port, arguments.Bind));
        Assert.Equal(
            new Dictionary<string, string?>
            {
                ["Mesh:Registry:Peers:0"] = "http://b:1/eureka/",
                ["Mesh:Registry:Peers:1"] = "http://c:1/eureka/",
                ["Mesh:Registry:DefaultLeaseDuration"] = "00:00:05",
                ["Mesh:Registry:EvictionInterval"] = "00:00:00.5000000",
                ["Mesh:Registry:SelfPreservation"] = "false",
                ["Mesh:Registry:MaxInstances"] = "7",
            },
            arguments.Settings.ToDictionary());
    }

    [Theory]
    [InlineData("--prot", "'--prot' is not known. Did you mean '--port'?")]
    [InlineData("-port=1", "'-port=1' is not known. Did you mean '--port'?")]
    [InlineData("--no-self-presevation", "'--no-self-presevation' is not known. Did you mean '--no-self-preservation'?")]
    [InlineData("--colour", "'--colour' is not known.")]
    [InlineData("serve", "'serve' is not known.")]
    [InlineData("--port", "--port needs a value.")]
    [InlineData("--port=70000", "--port '70000' is not a number from 0 to 65535.")]
    [InlineData("--fast=no", "'--fast=no' is not known. Did you mean '--fast'?")]
    [InlineData("--lease=2147483647h", "--lease '2147483647h' is not a time. It must be a number with ms, s, m or h, such as 90s.")]
    [InlineData("--lease=5", "--lease '5' is not a time. It must be a number with ms, s, m or h, such as 90s.")]
    [InlineData("--bind=here", "--bind 'here' is neither localhost, any, nor an address.")]
    [InlineData("--max-instances=many", "--max-instances 'many' is not a number.")]
    [InlineData("--user=me", "--user needs the password in the environment variable MESH_REGISTRY_PASSWORD: on a command line every user "
        + "of the machine could read it.")]
    public async Task Mistake_ends_the_program_with_its_name(string argument, string problem)
    {
        var error = new StringWriter();

        Assert.Equal(
            RegistryProgram.Misused,
            await RegistryProgram.RunAsync([argument], TextWriter.Null, error, TestContext.Current.CancellationToken));
        Assert.Equal($"mesh-registry: {problem} mesh-registry --help lists what there is.{Environment.NewLine}", error.ToString());
    }

    [Fact]
    public async Task Value_that_the_registry_refuses_ends_the_program_with_its_name()
    {
        var error = new StringWriter();

        Assert.Equal(
            RegistryProgram.Misused,
            await RegistryProgram.RunAsync(["--port=0", "--peer", "other", "--max-instances=0"], TextWriter.Null, error,
                TestContext.Current.CancellationToken));
        Assert.Contains("Mesh:Registry:MaxInstances is 0.", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("Mesh:Registry:Peers:0 is not the URL of a registry.", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_names_every_option()
    {
        var output = new StringWriter();

        Assert.Equal(
            RegistryProgram.Ended,
            await RegistryProgram.RunAsync(["--help"], output, TextWriter.Null, TestContext.Current.CancellationToken));
        Assert.All(
            ["--port", "--bind", "--peer", "--lease", "--eviction-interval", "--delta-retention", "--response-cache",
                "--no-self-preservation", "--max-instances", "--user", "--fast", "--netflix", "--version"],
            option => Assert.Contains(" " + option, output.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Program_runs_until_it_is_told_to_stop_and_a_second_on_its_port_says_so()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var port = RegistryNode.FreePorts(1)[0];
        var output = new SignalWriter();
        var running = RegistryProgram.RunAsync([$"--port={port}", "--bind=127.0.0.1", "--fast"], output, TextWriter.Null, stop.Token);
        Assert.Contains($"http://127.0.0.1:{port}/eureka/", await output.FirstLine, StringComparison.Ordinal);
        using var http = new HttpClient();
        Assert.Contains(
            "\"UP\"",
            await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/health"), TestContext.Current.CancellationToken),
            StringComparison.Ordinal);

        var error = new StringWriter();
        Assert.Equal(
            RegistryProgram.Failed,
            await RegistryProgram.RunAsync([$"--port={port}", "--bind=127.0.0.1"], TextWriter.Null, error,
                TestContext.Current.CancellationToken));
        Assert.Contains("Choose another with --port", error.ToString(), StringComparison.Ordinal);

        await stop.CancelAsync();
        Assert.Equal(RegistryProgram.Ended, await running);
    }

    [Fact]
    public async Task Address_that_is_not_of_this_machine_ends_the_program_with_its_name()
    {
        var error = new StringWriter();

        // One of the addresses that are for documentation only.
        Assert.Equal(
            RegistryProgram.Failed,
            await RegistryProgram.RunAsync(["--bind=203.0.113.9", "--port=0"], TextWriter.Null, error,
                TestContext.Current.CancellationToken));
        Assert.StartsWith("mesh-registry: cannot listen on 203.0.113.9:0: ", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://0.0.0.0:8761", "http://box:8761/eureka/ ", "on all addresses")]
    [InlineData("http://[::]:8761", "http://box:8761/eureka/ ", "on all addresses")]
    [InlineData("https://[::]:443", "https://box:443/eureka/ ", "on all addresses")]
    [InlineData("http://localhost:8761", "http://localhost:8761/eureka/ ", "/health")]
    [InlineData("http://[::1]:8761", "http://[::1]:8761/eureka/ ", "/health")]
    [InlineData("http://10.0.0.7:8761", "http://10.0.0.7:8761/eureka/ ", "/health")]
    public void Notice_names_a_url_that_clients_elsewhere_can_use(string listening, string service, string end)
    {
        var line = ListeningNotice.For(listening, "box");

        Assert.Contains(": " + service, line, StringComparison.Ordinal);
        Assert.Contains(end, line, StringComparison.Ordinal);
        Assert.DoesNotContain("0.0.0.0", line, StringComparison.Ordinal);
        Assert.DoesNotContain("[::]", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Fast_sets_what_its_help_says()
    {
        Assert.True(ServerArguments.TryParse(["--fast"], out var arguments, out _));

        Assert.Equal(
            new Dictionary<string, string?>
            {
                ["Mesh:Registry:EvictionInterval"] = "00:00:01",
                ["Mesh:Registry:DefaultLeaseDuration"] = "00:00:05",
            },
            arguments.Settings.ToDictionary());
        Assert.Contains("is up to the clients", ServerHelp.Text, StringComparison.Ordinal);
    }

    private sealed class SignalWriter : StringWriter
    {
        private readonly TaskCompletionSource<string> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> FirstLine => _first.Task;

        public override Task WriteLineAsync(string? value)
        {
            _first.TrySetResult(value ?? "");
            return Task.CompletedTask;
        }
    }
}
