using System.Net;
using Mesh.Client.Options;

namespace Mesh.Client.Tests.Outbound.OutlierDetection;

/// <summary>A level of priority that fails hands over to the next; ejections of one level say nothing about another.</summary>
public sealed class PriorityLevelTests
{
    public enum Fault
    {
        Unavailable,
        Refused,
        TooMany,
        Hanging,
        Reset,
    }

    [Theory]
    [InlineData(Fault.Unavailable, 3, 2)]
    [InlineData(Fault.Unavailable, 3, 1)]
    [InlineData(Fault.Unavailable, 8, 2)]
    [InlineData(Fault.Refused, 3, 2)]
    [InlineData(Fault.TooMany, 3, 2)]
    [InlineData(Fault.TooMany, 3, 1)]
    [InlineData(Fault.Hanging, 3, 2)]
    [InlineData(Fault.Reset, 3, 1)]
    public async Task Level_that_fails_as_a_whole_hands_over(Fault fault, int first, int reserve)
    {
        foreach (var policy in (string[])[LoadBalancingPolicies.RoundRobin, LoadBalancingPolicies.Adaptive])
        {
            using var mesh = Levels(policy, first, reserve);
            for (var i = 1; i <= first; i++)
            {
                Break(mesh, i, fault);
            }

            await Calls(mesh, 100);

            // After the first seconds no call fails, for a minute: trials do not either.
            Assert.Equal(0, await Calls(mesh, 1_000));
            Assert.Equal(first, mesh.Catalog().Endpoints.Current.Ejected.Length);
            Assert.False(mesh.Catalog().Endpoints.Current.Panic);
        }
    }

    [Theory]
    [InlineData(Fault.Unavailable)]
    [InlineData(Fault.TooMany)]
    public async Task Level_of_which_one_of_three_is_usable_keeps_that_one(Fault fault)
    {
        using var mesh = Levels(LoadBalancingPolicies.RoundRobin, 3, 2);
        Break(mesh, 1, fault);
        Break(mesh, 2, fault);
        await Calls(mesh, 100);
        var before = mesh.Network.CountOf(Fleet.At(3));
        Assert.Equal(0, await Calls(mesh, 1_000));

        // 1.4 thirds of the calls.
        Assert.InRange(mesh.Network.CountOf(Fleet.At(3)) - before, 350, 600);
    }

    [Fact]
    public async Task Last_level_keeps_its_share()
    {
        using var mesh = Levels(LoadBalancingPolicies.RoundRobin, 3, 4);
        for (var i = 1; i <= 7; i++)
        {
            Break(mesh, i, Fault.Unavailable);
        }

        await Calls(mesh, 300);
        Assert.InRange(mesh.Catalog().Endpoints.Current.Ejected.Count(endpoint => endpoint.Place.Priority == 1), 0, 2);
    }

    [Fact]
    public async Task Max_ejected_ratio_of_0_holds_for_levels_too()
    {
        using var mesh = Fleet.Of(0, service =>
        {
            Add(service, 3, 2);
            service.OutlierDetection.MaxEjectedRatio = 0;
        });
        for (var i = 1; i <= 3; i++)
        {
            Break(mesh, i, Fault.Unavailable);
        }

        await Calls(mesh, 100);
        Assert.Empty(mesh.Catalog().Endpoints.Current.Ejected);
    }

    [Fact]
    public async Task Overload_without_another_level_ejects_none()
    {
        using var mesh = Fleet.Of(3);
        Break(mesh, 1, Fault.TooMany);
        await Calls(mesh, 100);
        Assert.Empty(mesh.Catalog().Endpoints.Current.Ejected);
    }

    private static MeshFixture Levels(string policy, int first, int reserve) => Fleet.Of(0, service =>
    {
        service.LoadBalancing.Policy = policy;
        service.AttemptTimeout = TimeSpan.FromMilliseconds(200);
        Add(service, first, reserve);
    });

    private static void Add(ServiceOptions service, int first, int reserve)
    {
        for (var i = 1; i <= first + reserve; i++)
        {
            var endpoint = new EndpointOptions { Address = "http://10.0.0." + i };
            endpoint.Labels["priority"] = i <= first ? "0" : "1";
            service.Endpoints.Add(endpoint);
        }
    }

    private static void Break(MeshFixture mesh, int number, Fault fault) => mesh.Network.On(Fleet.At(number), (_, token) =>
    {
        switch (fault)
        {
            case Fault.Refused:
                return Task.FromException<HttpResponseMessage>(ScriptedNetwork.Refused());
            case Fault.Reset:
                return Task.FromException<HttpResponseMessage>(Answers.Broken());
            case Fault.Hanging:
                var answer = new TaskCompletionSource<HttpResponseMessage>();
                token.UnsafeRegister(_ => answer.TrySetCanceled(token), null);
                return answer.Task;
            default:
                return Task.FromResult(
                    new HttpResponseMessage(fault == Fault.TooMany ? HttpStatusCode.TooManyRequests : HttpStatusCode.ServiceUnavailable));
        }
    });

    /// <summary>20 calls a second, one after the other.</summary>
    /// <returns>How many failed.</returns>
    private static async Task<int> Calls(MeshFixture mesh, int count)
    {
        var failed = 0;
        for (var i = 0; i < count; i++)
        {
            try
            {
                using var response = await mesh.Advance(mesh.Client.GetAsync(Fleet.Url));
                failed += response.IsSuccessStatusCode ? 0 : 1;
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
            {
                failed++;
            }

            mesh.Time.Advance(TimeSpan.FromMilliseconds(50));
        }

        return failed;
    }
}
