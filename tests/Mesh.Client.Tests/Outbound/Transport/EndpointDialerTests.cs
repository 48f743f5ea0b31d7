using System.Diagnostics.Metrics;
using System.Net;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Primitives;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.Tests.Outbound.Transport;

/// <summary>What is connected to, and what is said, where the endpoint policy refuses addresses of a name.</summary>
public sealed class EndpointDialerTests : IDisposable
{
    private const int Refused = 1700;
    private const int LeftOut = 1703;

    private readonly Names _names = new();
    private readonly Connector _connector = new();
    private readonly MeshFixture _mesh;
    private readonly MetricCollector<long> _refusals;

    public EndpointDialerTests()
    {
        _mesh = new MeshFixture(services: services => services
            .AddSingleton<IHostResolver>(_names)
            .AddSingleton<IConnector>(_connector)
            .Configure<LoggerFilterOptions>(options => options.MinLevel = LogLevel.Debug));
        _refusals = new(
            _mesh.Provider.GetRequiredService<IMeterFactory>(), MeshTelemetry.MeterName, "mesh.client.connections.refused");
    }

    [Theory]
    [InlineData("fe80::1 10.0.0.5")]
    [InlineData("10.0.0.5 fe80::1")]
    public async Task ConnectAsync_another_address_is_allowed_is_no_warning(string addresses)
    {
        _names.Answer(addresses);

        await ConnectAsync();
        await ConnectAsync();

        Assert.Equal(["10.0.0.5", "10.0.0.5"], _connector.Connected);
        var record = Assert.Single(Records());
        Assert.Equal((LeftOut, "EndpointAddressLeftOut", LogLevel.Debug), (record.Id.Id, record.Id.Name, record.Level));
        Assert.StartsWith(
            "One address of endpoint node-7:8080 of service 'orders' is left out: fe80::1 is ", record.Message, StringComparison.Ordinal);
        Assert.Empty(_refusals.GetMeasurementSnapshot());
    }

    [Fact]
    public async Task ConnectAsync_no_address_is_allowed_any_more_warns_of_each_once()
    {
        _names.Answer("fe80::1 10.0.0.5");
        await ConnectAsync();

        _names.Answer("fe80::1 169.254.169.254");
        await Assert.ThrowsAsync<HttpRequestException>(ConnectAsync);
        await Assert.ThrowsAsync<HttpRequestException>(ConnectAsync);

        Assert.Equal(["10.0.0.5"], _connector.Connected);
        Assert.Equal([LeftOut, Refused, Refused], Records().Select(record => record.Id.Id));
        Assert.Equal(2, _refusals.GetMeasurementSnapshot().Sum(measurement => measurement.Value));
    }

    public void Dispose()
    {
        _refusals.Dispose();
        _mesh.Dispose();
    }

    private IEnumerable<FakeLogRecord> Records() =>
        _mesh.Logs.GetSnapshot().Where(record => record.Id.Id is Refused or LeftOut);

    private async Task ConnectAsync()
    {
        await using var stream = await _mesh.Provider.GetRequiredService<EndpointDialer>().ConnectAsync(
            "orders", TestSource.Endpoint("http://node-7:8080"), TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
    }

    private sealed class Names : IHostResolver
    {
        private IPAddress[] _addresses = [];

        public void Answer(string addresses) => _addresses = [.. addresses.Split(' ').Select(IPAddress.Parse)];

        public Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) => Task.FromResult(_addresses);
    }

    private sealed class Connector : IConnector
    {
        public List<string> Connected { get; } = [];

        public ValueTask<Stream> ConnectAsync(IPEndPoint address, CancellationToken cancellationToken)
        {
            Connected.Add(address.Address.ToString());
            return new(new MemoryStream());
        }
    }
}
