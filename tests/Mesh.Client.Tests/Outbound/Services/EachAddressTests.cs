using System.Net;
using System.Net.Sockets;
using Mesh.Client.Discovery;
using Mesh.Client.Options;
using Mesh.Client.Primitives;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Outbound.Services;

/// <summary>Each address of a DNS name as an endpoint of its own.</summary>
public sealed class EachAddressTests
{
    private readonly Names _names = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http://shop.example.com:8080", null, "http://shop.example.com:8080/a")]
    [InlineData("http://shop.example.com:8080/v2", null, "http://shop.example.com:8080/v2/a")]
    [InlineData("http://shop.example.com:8080", HostHeader.Service, "http://catalog/a")]
    [InlineData("http://shop.example.com:8080", HostHeader.Endpoint, "http://shop.example.com:8080/a")]
    [InlineData("https://shop.example.com", null, "https://shop.example.com/a")]
    public async Task Every_address_is_called_by_the_name(string address, HostHeader? hostHeader, string expected)
    {
        _names.Answer("10.0.0.2", "10.0.0.1");
        using var mesh = await StartAsync(2, Each(address), hostHeader: hostHeader);
        var port = new Uri(address).Port;

        await CallAsync(mesh, 4);

        Assert.Equal([$"10.0.0.1:{port}", $"10.0.0.2:{port}"], mesh.Catalog().Endpoints.Current.All.Select(endpoint => endpoint.Name));
        Assert.Equal([2, 2], mesh.Catalog().Endpoints.Current.All.Select(endpoint => mesh.Network.CountOf(endpoint.Name)));
        Assert.All(mesh.Network.Received, received => Assert.Equal(expected, received.Uri.AbsoluteUri));
    }

    [Fact]
    public async Task Handler_of_the_users_is_sent_to_the_address_with_the_name_as_host()
    {
        _names.Answer("10.0.0.1");
        using var primary = new RecordingHandler();
        using var mesh = await StartAsync(1, Each("http://shop.example.com:8080/v2"), primary: primary);
        await AddressesAsync(mesh, "10.0.0.1:8080");

        await CallAsync(mesh, 1);

        Assert.Equal((HttpMethod.Get, "http://10.0.0.1:8080/v2/a", "shop.example.com:8080"), Assert.Single(primary.Received));
    }

    [Fact]
    public async Task Zone_and_labels_are_those_of_the_name_and_other_endpoints_stay()
    {
        _names.Answer("10.0.0.1", "10.0.0.2");
        var each = Each("http://shop.example.com");
        each.Zone = "eu-1b";
        each.Labels["weight"] = "3";
        using var mesh = await StartAsync(3, each, fixedEndpoint: "http://10.9.9.9");

        Assert.Equal(["10.9.9.9:80", "10.0.0.1:80", "10.0.0.2:80"], mesh.Catalog().Endpoints.Current.All.Select(endpoint => endpoint.Name));
        Assert.Equal([null, "eu-1b", "eu-1b"], mesh.Catalog().Endpoints.Current.All.Select(endpoint => endpoint.Description.Zone));
        Assert.Equal(["3", "3"], mesh.Catalog().Endpoints.Current.All.Skip(1).Select(endpoint => endpoint.Description.Labels["weight"]));
    }

    [Fact]
    public async Task Name_is_asked_every_30_seconds_and_what_stays_is_the_same_endpoint()
    {
        _names.Answer("10.0.0.1", "10.0.0.2");
        using var mesh = await StartAsync(2, Each("http://shop.example.com"));
        var before = mesh.Catalog().Endpoints.Current.All;
        _names.Answer("10.0.0.3", "10.0.0.2");
        Assert.Equal(1, _names.Asked);
        var start = mesh.Time.GetTimestamp();

        await AdvanceUntilAsync(mesh, () => _names.Asked == 2);
        Assert.True(mesh.Time.GetElapsedTime(start) >= NameWatch.Interval);
        await AddressesAsync(mesh, "10.0.0.2:80", "10.0.0.3:80");

        Assert.Same(before[1], mesh.Catalog().Endpoints.Current.All[0]);
    }

    [Theory]
    [InlineData("failure")]
    [InlineData("no name")]
    [InlineData("empty")]
    [InlineData("silence")]
    public async Task Without_an_answer_the_addresses_known_last_stay_and_it_is_said_once_each_time(string kind)
    {
        _names.Answer("10.0.0.1", "10.0.0.2");
        using var mesh = await StartAsync(2, Each("http://shop.example.com"));
        var before = mesh.Catalog().Endpoints.Current.All;
        _names.Next = kind switch
        {
            "failure" => () => throw new SocketException((int)SocketError.TryAgain),
            "no name" => () => throw new ArgumentException("It is no name."),
            "empty" => () => Task.FromResult<IPAddress[]>([]),
            _ => () => new TaskCompletionSource<IPAddress[]>().Task,
        };
        for (var asked = 2; asked < 5; asked++)
        {
            await AdvanceUntilAsync(mesh, () => _names.Asked == asked);
        }

        Assert.Equal(before, mesh.Catalog().Endpoints.Current.All);
        var warning = Assert.Single(mesh.Logs.GetSnapshot(), record => record.Id.Id == 1206);
        Assert.Equal((LogLevel.Warning, "NameNotResolved"), (warning.Level, warning.Id.Name));
        Assert.Contains("shop.example.com", warning.Message, StringComparison.Ordinal);

        _names.Answer("10.0.0.7");
        await AdvanceUntilAsync(mesh, () => mesh.Catalog().Endpoints.Current.All.Length == 1);
        Assert.Equal("10.0.0.7:80", mesh.Catalog().Endpoints.Current.All[0].Name);

        // The second question shows that the first has been heard.
        _names.Next = () => throw new SocketException((int)SocketError.TryAgain);
        var again = _names.Asked + 2;
        await AdvanceUntilAsync(mesh, () => _names.Asked == again);
        Assert.Equal(2, mesh.Logs.GetSnapshot().Count(record => record.Id.Id == 1206));
    }

    [Fact]
    public async Task Name_without_an_answer_keeps_its_addresses_when_those_of_another_change()
    {
        _names.Answer("10.0.0.1", "10.0.0.2");
        _names.OfBooks = "10.0.1.1";
        using var mesh = await StartAsync(3, Each("http://shop.example.com"), other: Each("http://books.example.com"));
        var before = mesh.Catalog().Endpoints.Current.All;
        _names.Next = () => throw new SocketException((int)SocketError.TryAgain);
        _names.OfBooks = "10.0.1.2";

        await AdvanceUntilAsync(mesh, () => mesh.Catalog().Endpoints.Current.All.Any(endpoint => endpoint.Name == "10.0.1.2:80"));

        Assert.Equal(["10.0.0.1:80", "10.0.0.2:80", "10.0.1.2:80"], mesh.Catalog().Endpoints.Current.All.Select(endpoint => endpoint.Name));
        Assert.Equal(before.Take(2), mesh.Catalog().Endpoints.Current.All.Take(2));
    }

    [Fact]
    public async Task Before_the_first_answer_the_name_is_one_endpoint_and_calls_do_not_wait()
    {
        var answer = new TaskCompletionSource<IPAddress[]>();
        _names.Next = () => answer.Task;
        using var mesh = await StartAsync(1, Each("http://shop.example.com"));
        await CallAsync(mesh, 1);
        Assert.Equal(1, mesh.Network.CountOf("shop.example.com:80"));

        answer.SetResult([IPAddress.Parse("10.0.0.1"), IPAddress.Parse("10.0.0.2")]);

        await AddressesAsync(mesh, "10.0.0.1:80", "10.0.0.2:80");
    }

    [Fact]
    public async Task Machine_with_both_families_counts_once()
    {
        _names.Answer("fd00::1", "10.0.0.1", "fd00::2", "fd00::1");
        using var mesh = await StartAsync(2, Each("http://shop.example.com:8080"));
        await AddressesAsync(mesh, "[fd00::1]:8080", "[fd00::2]:8080");

        // Another order says nothing; a family that is gone is left.
        _names.Answer("10.0.0.1", "fd00::2", "fd00::1");
        await AdvanceUntilAsync(mesh, () => _names.Asked == 2);
        Assert.Equal(2, mesh.Catalog().Endpoints.Current.All.Length);
        _names.Answer("10.0.0.1");
        await AdvanceUntilAsync(mesh, () => mesh.Catalog().Endpoints.Current.All.Length == 1);
        Assert.Equal("10.0.0.1:8080", mesh.Catalog().Endpoints.Current.All[0].Name);
    }

    [Theory]
    [InlineData("503", false)]
    [InlineData("200", true)]
    [InlineData("200", false)]
    public async Task Redirect_to_the_name_goes_to_any_of_its_addresses(string first, bool isEjected)
    {
        _names.Answer("10.0.0.1", "10.0.0.2", "10.0.0.3");
        using var mesh = await StartAsync(3, Each("http://shop.example.com"));
        var seen = new List<string>();
        foreach (var endpoint in mesh.Catalog().Endpoints.Current.All)
        {
            mesh.Network.On(endpoint.Name, (request, token) =>
            {
                if (request.RequestUri!.AbsolutePath == "/a")
                {
                    return Answers.Redirect(HttpStatusCode.Redirect, "http://shop.example.com/b")(request, token);
                }

                seen.Add(endpoint.Name);
                return Answers.Named(endpoint.Name == Fleet.At(1) ? first : "200")(request, token);
            });
        }

        if (isEjected)
        {
            mesh.Eject(1);
        }

        for (var i = 0; i < 9; i++)
        {
            using var response = await mesh.Advance(mesh.Client.GetAsync("http://catalog/a", Token));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.True(isEjected || seen.Distinct().Count() > 1, string.Join(' ', seen));
        Assert.True(!isEjected || !seen.Contains(Fleet.At(1)), string.Join(' ', seen));
    }

    [Theory]
    [InlineData("http://shop.example.com:8080/v2/b", "http://shop.example.com:8080/v2/b")]
    [InlineData("http://10.0.0.2:8080/v2/b", "http://shop.example.com:8080/v2/b")]
    public async Task Redirect_to_the_name_or_to_an_address_of_it_stays_inside(string location, string expected)
    {
        _names.Answer("10.0.0.1", "10.0.0.2");
        using var mesh = await StartAsync(2, Each("http://shop.example.com:8080/v2"));
        mesh.All((request, _) => Task.FromResult(request.RequestUri!.AbsolutePath == "/v2/a"
            ? new HttpResponseMessage(HttpStatusCode.Redirect) { Headers = { Location = new Uri(location) } }
            : new HttpResponseMessage(HttpStatusCode.OK)));

        await CallAsync(mesh, 1);

        Assert.Equal(expected, mesh.Network.Received.Last().Uri.AbsoluteUri);
    }

    [Theory]
    [InlineData("http://10.0.0.1", "Mesh:Services:catalog:Endpoints:0:Resolve: Each requires a DNS name, but '10.0.0.1' is an address.")]
    [InlineData("http://[fd00::1]:80", "Mesh:Services:catalog:Endpoints:0:Resolve: Each requires a DNS name, but '[fd00::1]' is an "
        + "address.")]
    public void Mistake_an_address_has_nothing_to_resolve(string address, string expected) => Assert.Equal(
        [expected],
        DependencyInjection.TestApplication.MistakesOf($$"""{ "Mesh": { "Services": { "catalog": { "Endpoints": [ { "Address": "{{address}}", "Resolve": "Each" } ] } } } }"""));

    private static EndpointOptions Each(string address) => new() { Address = address, Resolve = AddressResolution.Each };

    private static async Task CallAsync(MeshFixture mesh, int count)
    {
        for (var i = 0; i < count; i++)
        {
            (await mesh.Client.GetAsync("http://catalog/a", Token)).Dispose();
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>Rounds run on other threads, which may not have begun to wait yet.</summary>
    private static async Task AdvanceUntilAsync(MeshFixture mesh, Func<bool> condition)
    {
        while (!condition())
        {
            Token.ThrowIfCancellationRequested();
            mesh.Time.Advance(TimeSpan.FromSeconds(1));
            for (var i = 0; i < 100 && !condition(); i++)
            {
                await Task.Yield();
            }
        }
    }

    private static Task AddressesAsync(MeshFixture mesh, params string[] names) =>
        UntilAsync(() => mesh.Catalog().Endpoints.Current.All.Select(endpoint => endpoint.Name).SequenceEqual(names));

    private async Task<MeshFixture> StartAsync(
        int endpoints,
        EndpointOptions each,
        HostHeader? hostHeader = null,
        HttpMessageHandler? primary = null,
        string? fixedEndpoint = null,
        EndpointOptions? other = null)
    {
        var mesh = new MeshFixture(
            options =>
            {
                var service = Fleet.Options(0, service => service.HostHeader = hostHeader);
                if (fixedEndpoint is not null)
                {
                    service.Endpoints.Add(fixedEndpoint);
                }

                service.Endpoints.Add(each);
                if (other is not null)
                {
                    service.Endpoints.Add(other);
                }

                options.Services[Fleet.Name] = service;
            },
            services => services.AddSingleton<IHostResolver>(_names),
            primary);
        mesh.Directory.Start();
        await UntilAsync(() => _names.Asked > 0 && mesh.Catalog().Endpoints.Current.All.Length == endpoints);
        return mesh;
    }

    private sealed class Names : IHostResolver
    {
        private int _asked;

        public Func<Task<IPAddress[]>> Next { get; set; } = () => Task.FromResult<IPAddress[]>([]);

        public string? OfBooks { get; set; }

        public int Asked => Volatile.Read(ref _asked);

        public void Answer(params string[] addresses) => Next = () => Task.FromResult<IPAddress[]>([.. addresses.Select(IPAddress.Parse)]);

        public Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
        {
            if (OfBooks is { } address && host == "books.example.com")
            {
                return Task.FromResult<IPAddress[]>([IPAddress.Parse(address)]);
            }

            Assert.Equal("shop.example.com", host);
            Interlocked.Increment(ref _asked);
            return Next();
        }
    }
}
