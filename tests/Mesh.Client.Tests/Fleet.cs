using Mesh.Client.Options;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Services;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests;

/// <summary>The service <c>catalog</c> with some endpoints, 10.0.0.1:80 and following.</summary>
internal static class Fleet
{
    public const string Name = "catalog";

    public const string Url = "http://catalog/";

    /// <summary>The name of an endpoint, counted from 1, as the network and <see cref="Endpoint.Name"/> write it.</summary>
    public static string At(int number) => Host(number) + ":80";

    public static string[] Names(int count) => [.. Enumerable.Range(1, count).Select(At)];

    /// <summary>A fixture whose service has this many endpoints, used in turn unless <paramref name="configure"/> says otherwise.</summary>
    public static MeshFixture Of(
        int count,
        Action<ServiceOptions>? configure = null,
        HttpMessageHandler? primary = null,
        Action<Microsoft.Extensions.DependencyInjection.IServiceCollection>? services = null) =>
        new(options => options.Services[Name] = Options(count, configure), services, primary);

    public static ServiceOptions Options(int count, Action<ServiceOptions>? configure = null)
    {
        var service = new ServiceOptions();
        service.LoadBalancing.Policy = LoadBalancingPolicies.RoundRobin;
        for (var i = 1; i <= count; i++)
        {
            service.Endpoints.Add("http://" + Host(i));
        }

        configure?.Invoke(service);
        return service;
    }

    public static Service Catalog(this MeshFixture mesh) => mesh.Service(Name);

    public static Endpoint Endpoint(this MeshFixture mesh, int number) =>
        Assert.Single(mesh.Catalog().Endpoints.Current.All, e => e.Name == At(number));

    public static int InFlight(this MeshFixture mesh) => mesh.Catalog().Endpoints.Current.All.Sum(e => e.Load.InFlight);

    /// <summary>How many attempts of the last seconds count against their endpoints.</summary>
    public static int Failures(this MeshFixture mesh) =>
        mesh.Catalog().Endpoints.Current.All.Sum(endpoint => endpoint.Health.Recent(mesh.Catalog().Clock.Now).Bad);

    public static void All(this MeshFixture mesh, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer)
    {
        foreach (var endpoint in mesh.Catalog().Endpoints.Current.All)
        {
            mesh.Network.On(endpoint.Name, answer);
        }
    }

    /// <summary>Five failures, or as many as the policy asks for.</summary>
    public static void Eject(this MeshFixture mesh, int number)
    {
        var service = mesh.Catalog();
        var endpoint = mesh.Endpoint(number);
        for (var i = 0; i < service.Model.OutlierDetection.ConsecutiveFailures; i++)
        {
            service.Outliers.OnFailure(endpoint, connectFailure: false, service.Clock.Now, trial: false);
        }

        Assert.True(endpoint.Health.IsEjected);
    }

    /// <summary>An answer that is new and good. Does nothing for an endpoint in rotation but forget its failures.</summary>
    public static void Readmit(this MeshFixture mesh, int number)
    {
        var service = mesh.Catalog();
        mesh.Time.Advance(TimeSpan.FromMilliseconds(1));
        service.Outliers.OnSuccess(mesh.Endpoint(number), service.Clock.Now, service.Clock.Now);
        Assert.False(mesh.Endpoint(number).Health.IsEjected);
    }

    /// <summary>Lets time pass until the task ends, and no more of it than that takes.</summary>
    public static async Task<T> Advance<T>(this MeshFixture mesh, Task<T> task, int stepMs = 50)
    {
        await mesh.Time.AdvanceUntil(() => task.IsCompleted, stepMs);
        return await task;
    }

    /// <summary>Lets time pass until something is so.</summary>
    public static async Task AdvanceUntil(this FakeTimeProvider time, Func<bool> condition, int stepMs = 50)
    {
        while (true)
        {
            // What is under way comes first, each time: behind a busy pool the clock would run ahead of it and end what nothing holds up.
            for (var i = 0; i < 20 && !condition(); i++)
            {
                await Task.Yield();
            }

            if (condition())
            {
                return;
            }

            time.Advance(TimeSpan.FromMilliseconds(stepMs));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }
    }

    /// <summary>Lets what is under way end while the clock stands still; fails rather than hangs.</summary>
    public static async Task Settle(this Task task)
    {
        for (var i = 0; i < 1_000_000 && !task.IsCompleted; i++)
        {
            await Task.Yield();
        }

        Assert.True(task.IsCompleted, "Still waiting.");
    }

    private static string Host(int number) => $"10.0.{number / 250}.{number % 250}";
}
