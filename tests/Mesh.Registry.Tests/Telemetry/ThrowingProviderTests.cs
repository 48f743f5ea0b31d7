using System.Net;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Mesh.Registry.Store;
using Mesh.Registry.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Registry.Tests.Telemetry;

/// <summary>A log provider that always throws (a full disk): nothing throws for it, and nothing stands still.</summary>
public sealed class ThrowingProviderTests
{
    private const BindingFlags All =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void No_type_of_the_package_takes_another_logger()
    {
        var taken = typeof(RegistryStore).Assembly.GetTypes()
            .Where(static type => type != typeof(GuardedLogger<>) && !type.IsDefined(typeof(CompilerGeneratedAttribute)))
            .SelectMany(static type => type.GetConstructors(All).SelectMany(static made => made.GetParameters())
                .Select(static parameter => parameter.ParameterType)
                .Concat(type.GetFields(All).Select(static field => field.FieldType)))
            .Where(static type => typeof(ILogger).IsAssignableFrom(type) || typeof(ILoggerFactory).IsAssignableFrom(type))
            .ToList();

        Assert.True(taken.Count > 5, $"Found {taken.Count} loggers only.");
        Assert.All(taken, static type => Assert.Equal(typeof(GuardedLogger<>), type.GetGenericTypeDefinition()));
    }

    /// <summary>An exception of the eviction would stop the host.</summary>
    [Theory(Timeout = 60_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Registry_takes_refuses_evicts_and_takes_leave(bool creating)
    {
        using var logs = new Provider(creating);
        await using var server = await RegistryServer.StartAsync(
            static options =>
            {
                options.EvictionInterval = TimeSpan.FromSeconds(1);
                options.MaxInstances = 2;
            },
            services: services => services.AddLogging(logging => logging.AddProvider(logs)));
        var store = server.Services.GetRequiredService<RegistryStore>();

        Assert.Equal(HttpStatusCode.NoContent, await PostAsync(server, Samples.Json("a", lease: 3)));
        Assert.Equal(HttpStatusCode.NoContent, await PostAsync(server, Samples.Json("b")));
        Assert.NotEqual(HttpStatusCode.NoContent, await PostAsync(server, Samples.Json("c")));
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(server, "{}"));
        using (var gone = await server.Client.DeleteAsync("/eureka/apps/ORDERS/b", Token))
        {
            Assert.Equal(HttpStatusCode.OK, gone.StatusCode);
        }

        for (var round = 1; round <= 2; round++)
        {
            while (store.Counters.Evicted < round)
            {
                TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
                server.Time.Advance(TimeSpan.FromSeconds(1));
                await Task.Yield();
            }

            Assert.Equal(HttpStatusCode.NoContent, await PostAsync(server, Samples.Json("a", lease: 3)));
        }

        // Three and more registered, two evicted, one full, one refused, one gone.
        Assert.True(logs.Thrown >= 7, $"Thrown {logs.Thrown} times.");
    }

    private static async Task<HttpStatusCode> PostAsync(RegistryServer server, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await server.Client.PostAsync("/eureka/apps/ORDERS", content, Token);
        return response.StatusCode;
    }

    private sealed class Provider(bool creating) : ILoggerProvider, ILogger
    {
        private int _thrown;

        public int Thrown => Volatile.Read(ref _thrown);

        public ILogger CreateLogger(string categoryName)
        {
            // The server's own category is the name of this assembly.
            if (!categoryName.StartsWith("Mesh.Registry.", StringComparison.Ordinal)
                || categoryName.StartsWith("Mesh.Registry.Tests", StringComparison.Ordinal))
            {
                return NullLogger.Instance;
            }

            return creating ? throw Full() : this;
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw Full();

        public void Dispose()
        {
        }

        private IOException Full()
        {
            Interlocked.Increment(ref _thrown);
            return new IOException("No space left on device.");
        }
    }
}
