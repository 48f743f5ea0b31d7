using System.Reflection;
using Mesh.Client.Telemetry;
using Mesh.Client.Tests.Docs;

namespace Mesh.Client.Tests.Telemetry;

public sealed class LogCategoriesTests
{
    /// <summary>Users filter by them: no move or rename of code may change one. A new one is added here and to the page.</summary>
    private static readonly string[] Names =
    [
        "Mesh.Client.Access",
        "Mesh.Client.Balancing.LoadBalancerCatalog",
        "Mesh.Client.DependencyInjection.MeshConfiguration",
        "Mesh.Client.DependencyInjection.MeshHandlerFilter",
        "Mesh.Client.DependencyInjection.StartReport",
        "Mesh.Client.DependencyInjection.SteeltoeReport",
        "Mesh.Client.Discovery.Eureka.EurekaRegistration",
        "Mesh.Client.Discovery.Eureka.EurekaSource",
        "Mesh.Client.Discovery.Eureka.HealthWatch",
        "Mesh.Client.Discovery.Eureka.RegistrySnapshot",
        "Mesh.Client.Discovery.MeshStore",
        "Mesh.Client.Discovery.NameWatch",
        "Mesh.Client.Discovery.Service",
        "Mesh.Client.Discovery.ServiceDirectory",
        "Mesh.Client.Inbound.InboundMiddleware",
        "Mesh.Client.Lifecycle.MeshLifecycle",
        "Mesh.Client.Lifecycle.ReadinessGate",
        "Mesh.Client.Resilience.CircuitBreakerFactory",
        "Mesh.Client.Security.EndpointGuard",
        "Mesh.Client.Security.LoweredSecurity",
    ];

    [Fact]
    public void Names_stay() => Assert.Equal(
        Names,
        typeof(LogCategories).GetNestedTypes()
            .Select(static type =>
                (string)type.GetProperty(nameof(ILogCategory.Name), BindingFlags.Static | BindingFlags.Public)!.GetValue(null)!)
            .Order(StringComparer.Ordinal));

    /// <summary>The container makes generic services of value types only where code is generated at run time.</summary>
    [Fact]
    public void Keys_are_classes() => Assert.DoesNotContain(typeof(LogCategories).GetNestedTypes(), static type => type.IsValueType);

    [Fact]
    public void Names_are_on_the_page()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "telemetry.md"));

        Assert.DoesNotContain(Names, name => !page.Contains($"| `{name}` |", StringComparison.Ordinal));
    }
}
