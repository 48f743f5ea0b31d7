using Mesh.Client.Options;
using Mesh.Client.Primitives;
using Mesh.Client.Tests.Eureka;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.DependencyInjection;

/// <summary>A clock that only a test moves must not hold up the application's start, nor a call.</summary>
public sealed class OwnClockTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Application_with_a_fake_clock_starts_while_its_registry_is_down(bool before)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Mesh:Discovery:Eureka:ServiceUrls:0"] = "http://127.0.0.1:1/eureka/",
            ["Mesh:Discovery:StartupWait"] = "00:00:00.2",
        });
        var clock = new FakeTimeProvider();
        if (before)
        {
            builder.Services.AddSingleton<TimeProvider>(clock);
        }

        builder.Services.AddMesh();
        if (!before)
        {
            builder.Services.AddSingleton<TimeProvider>(clock);
        }

        using var host = builder.Build();
        await Patience.For(host.StartAsync(TestContext.Current.CancellationToken), "the start");
        Assert.Same(clock, host.Services.GetRequiredService<TimeProvider>());
        Assert.Same(TimeProvider.System, host.Services.GetRequiredService<MeshClock>().TimeProvider);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Every_part_that_asks_for_a_clock_gets_the_one_of_the_mesh()
    {
        var services = new ServiceCollection();
        services.AddMesh();
        var types = services.Where(static service => !service.IsKeyedService).Select(static service => service.ImplementationType)
            .Where(static type => type?.Assembly == typeof(MeshOptions).Assembly);
        var asking = types.SelectMany(static type => type!.GetConstructors()).SelectMany(static constructor => constructor.GetParameters())
            .Where(static parameter => parameter.ParameterType == typeof(TimeProvider)).ToList();
        Assert.InRange(asking.Count, 8, 100);
        Assert.All(asking, static parameter => Assert.True(
            parameter.IsDefined(typeof(OwnClockAttribute), inherit: false), parameter.Member.DeclaringType!.Name));
    }
}
