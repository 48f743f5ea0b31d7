using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Mesh.Client.Lifecycle;
using Mesh.Client.Options;
using Mesh.Client.Telemetry;
using Mesh.Client.Tests.Docs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.Tests.Telemetry;

/// <summary>The logger that never throws, and that the package has no other.</summary>
public sealed partial class GuardedLoggerTests
{
    private const BindingFlags All =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>A part that took another logger would bring back what a full disk did: a reload that ended the process, a discovery that
    /// stood still for ever.</summary>
    [Fact]
    public void No_type_of_the_package_takes_another_logger()
    {
        List<string> raw = [];
        var guarded = 0;
        foreach (var type in typeof(MeshOptions).Assembly.GetTypes())
        {
            // What a lambda or an async method captures is what its type has, which is looked at itself.
            if (type == typeof(GuardedLogger<>) || type.IsDefined(typeof(CompilerGeneratedAttribute)))
            {
                continue;
            }

            var taken = type.GetConstructors(All).SelectMany(made => made.GetParameters()).Select(parameter => parameter.ParameterType)
                .Concat(type.GetFields(All).Select(field => field.FieldType));
            foreach (var logger in taken.Where(IsLogger))
            {
                if (logger.IsGenericType && logger.GetGenericTypeDefinition() == typeof(GuardedLogger<>))
                {
                    guarded++;
                }
                else
                {
                    raw.Add($"{type.FullName}: {logger.Name}");
                }
            }
        }

        Assert.True(guarded > 20, $"Found {guarded} guarded loggers only.");

        // Hands it on to the host's own lifetime, whose messages are the host's.
        Assert.Equal([$"{typeof(StartupLifetime).FullName}: {nameof(ILoggerFactory)}"], raw);
    }

    /// <summary>What no constructor shows: loggers that code creates or asks the container for.</summary>
    [Fact]
    public void No_source_of_the_package_creates_another_logger()
    {
        var root = Path.Combine(Repository.Root, "src", "Mesh.Client");
        var sources = Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.StartsWith(Path.Combine(root, "obj"), StringComparison.Ordinal))
            .ToList();

        Assert.Contains(sources, static file => Path.GetFileName(file) == "GuardedLogger.cs");
        Assert.Equal(
            ["GuardedLogger.cs", "StartupLifetime.cs"],
            sources.Where(static file => RawLogger().IsMatch(File.ReadAllText(file)))
                .Select(Path.GetFileName)
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Log_has_the_category_of_the_key()
    {
        using var mesh = new MeshFixture();

        mesh.Provider.GetRequiredService<GuardedLogger<LogCategories.ServiceDirectory>>()
            .Log(LogLevel.Warning, 1, "a", null, static (s, _) => s);
        mesh.Provider.GetRequiredService<GuardedLogger<LogCategories.AccessLog>>().Log(LogLevel.Warning, 1, "b", null, static (s, _) => s);

        Assert.Equal(
            ["Mesh.Client.Discovery.ServiceDirectory", "Mesh.Client.Access"],
            mesh.Logs.GetSnapshot().TakeLast(2).Select(static record => record.Category));
    }

    [Fact]
    public void IsEnabled_is_what_the_logger_says_and_false_where_that_throws()
    {
        var inner = new FakeLogger();
        inner.ControlLevel(LogLevel.Debug, false);
        var logger = new GuardedLogger<LogCategories.Service>(() => inner);

        Assert.True(logger.IsEnabled(LogLevel.Information));
        Assert.False(logger.IsEnabled(LogLevel.Debug));
        using var throwing = new ThrowingLogger(isEnabled: false);
        Assert.False(new GuardedLogger<LogCategories.Service>(() => throwing).IsEnabled(LogLevel.Critical));
        Assert.Equal(1, throwing.Thrown);
    }

    [Fact]
    public void Log_and_scope_do_not_throw()
    {
        using var inner = new ThrowingLogger();
        var logger = new GuardedLogger<LogCategories.Service>(() => inner);

        logger.Log(LogLevel.Error, 1, "state", null, static (state, _) => state);

        Assert.Equal(1, inner.Thrown);
        Assert.Null(new GuardedLogger<LogCategories.Service>(static () => throw new IOException("full")).BeginScope("scope"));
    }

    [Fact]
    public void Log_asks_for_the_logger_again_after_one_that_could_not_be_created()
    {
        var inner = new FakeLogger();
        var created = 0;
        var logger = new GuardedLogger<LogCategories.Service>(() => created++ == 0 ? throw new IOException("full") : inner);

        logger.Log(LogLevel.Error, 1, "first", null, static (state, _) => state);
        logger.Log(LogLevel.Error, 1, "second", null, static (state, _) => state);
        logger.Log(LogLevel.Error, 1, "third", null, static (state, _) => state);

        Assert.Equal(["second", "third"], inner.Collector.GetSnapshot().Select(static record => record.Message));
        Assert.Equal(2, created);
    }

    private static bool IsLogger(Type type) => typeof(ILogger).IsAssignableFrom(type) || typeof(ILoggerFactory).IsAssignableFrom(type);

    [GeneratedRegex(@"\bILogger<|\bILoggerFactory\b|\bILoggerProvider\b|\bCreateLogger\b")]
    private static partial Regex RawLogger();
}
