using System.Net;
using Mesh.Client.Options;

namespace Mesh.Client.Tests.Outbound.Calls;

public sealed class RetryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Send_one_of_three_refuses_every_call_succeeds_and_the_dead_one_is_ejected()
    {
        using var mesh = new MeshFixture(options =>
        {
            Three(options);
            options.Defaults.LoadBalancing.Policy = LoadBalancingPolicies.RoundRobin;
        });
        mesh.Network.Refuse("10.0.0.1:80");

        for (var i = 0; i < 100; i++)
        {
            using var response = await mesh.Client.GetAsync("http://catalog/", Token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(3, mesh.Network.CountOf("10.0.0.1:80"));
        Assert.Single(mesh.Service("catalog").Endpoints.Current.Ejected);
    }

    [Fact]
    public async Task Send_post_that_cannot_connect_goes_elsewhere()
    {
        using var mesh = new MeshFixture(Three);
        mesh.Network.Refuse("10.0.0.1:80");
        mesh.Network.Refuse("10.0.0.2:80");

        for (var i = 0; i < 20; i++)
        {
            using var response = await mesh.Client.PostAsync("http://catalog/", new StringContent("x"), Token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Send_two_of_three_refuse_no_call_fails_however_long_it_lasts(string method)
    {
        using var mesh = new MeshFixture(options =>
        {
            Three(options);
            options.Defaults.LoadBalancing.Policy = LoadBalancingPolicies.RoundRobin;
        });
        mesh.Network.Refuse("10.0.0.1:80");
        mesh.Network.Refuse("10.0.0.2:80");

        // Only one of the two may be ejected, so that every second first attempt fails: far more than the share that closes the budget.
        for (var i = 0; i < 500; i++)
        {
            using var response =
                await mesh.Advance(mesh.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), "http://catalog/"), Token));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.InRange(mesh.Network.CountOf("10.0.0.1:80") + mesh.Network.CountOf("10.0.0.2:80"), 200, 1000);
    }

    [Theory]
    [InlineData("POST", 1)]
    [InlineData("PATCH", 1)]
    [InlineData("GET", 3)]
    [InlineData("PUT", 3)]
    public async Task Send_answered_503_repeats_idempotent_methods_only(string method, int expected)
    {
        using var mesh = new MeshFixture(Three);
        foreach (var endpoint in new[] { "10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80" })
        {
            mesh.Network.On(endpoint, HttpStatusCode.ServiceUnavailable);
        }

        using var response =
            await mesh.Advance(mesh.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), "http://catalog/"), Token));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(expected, mesh.Network.Received.Count);
        Assert.Equal(expected, mesh.Network.Received.Select(r => r.Endpoint).Distinct().Count());
    }

    [Fact]
    public async Task Send_burst_of_first_calls_that_meets_a_dead_endpoint_goes_elsewhere_whatever_the_budget_holds()
    {
        using var mesh = new MeshFixture(options => options.Services["catalog"] = new ServiceOptions
        {
            Endpoints = { "http://10.0.0.1", "http://10.0.0.2" },
            Retry = { BudgetRatio = 0 },
            LoadBalancing = { Policy = LoadBalancingPolicies.RoundRobin },
        });
        var dialled = new TaskCompletionSource();
        mesh.Network.On("10.0.0.1:80", async (_, _) =>
        {
            await dialled.Task;
            throw ScriptedNetwork.Refused();
        });

        var calls = Enumerable.Range(0, 50).Select(_ => mesh.Client.PostAsync("http://catalog/", new StringContent("x"), Token)).ToList();
        Assert.InRange(mesh.Network.CountOf("10.0.0.1:80"), 11, 34);
        dialled.SetResult();

        Assert.All(await Task.WhenAll(calls), response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
    }

    [Fact]
    public void Send_synchronously_retries_elsewhere()
    {
        using var mesh = new MeshFixture(Three);
        mesh.Network.Refuse("10.0.0.1:80");
        mesh.Network.Refuse("10.0.0.2:80");

        for (var i = 0; i < 10; i++)
        {
            using var response = mesh.Client.Send(new HttpRequestMessage(HttpMethod.Get, "http://catalog/"), Token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    private static void Three(MeshOptions options) => options.Services["catalog"] = new ServiceOptions
    {
        Endpoints = { "http://10.0.0.1", "http://10.0.0.2", "http://10.0.0.3" },
    };
}
