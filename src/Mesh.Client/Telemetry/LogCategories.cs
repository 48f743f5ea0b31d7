namespace Mesh.Client.Telemetry;

/// <summary>The categories of all messages of this package. Users filter by them, so they stay when the code moves. They look like the
/// types and folders that logged when the names were fixed, but no longer follow them.</summary>
/// <remarks>All in one file: <c>docs/telemetry.md</c> repeats the list. They are classes, because for a value type the container can create
/// a generic service only where code is generated at run time.</remarks>
internal static class LogCategories
{
    public sealed class AccessLog : ILogCategory
    {
        public static string Name => "Mesh.Client.Access";
    }

    public sealed class LoadBalancerCatalog : ILogCategory
    {
        public static string Name => "Mesh.Client.Balancing.LoadBalancerCatalog";
    }

    public sealed class MeshConfiguration : ILogCategory
    {
        public static string Name => "Mesh.Client.DependencyInjection.MeshConfiguration";
    }

    public sealed class MeshHandlerFilter : ILogCategory
    {
        public static string Name => "Mesh.Client.DependencyInjection.MeshHandlerFilter";
    }

    public sealed class StartReport : ILogCategory
    {
        public static string Name => "Mesh.Client.DependencyInjection.StartReport";
    }

    public sealed class SteeltoeReport : ILogCategory
    {
        public static string Name => "Mesh.Client.DependencyInjection.SteeltoeReport";
    }

    public sealed class EurekaRegistration : ILogCategory
    {
        public static string Name => "Mesh.Client.Discovery.Eureka.EurekaRegistration";
    }

    public sealed class EurekaSource : ILogCategory
    {
        public static string Name => "Mesh.Client.Discovery.Eureka.EurekaSource";
    }

    public sealed class HealthWatch : ILogCategory
    {
        public static string Name => "Mesh.Client.Discovery.Eureka.HealthWatch";
    }

    public sealed class RegistrySnapshot : ILogCategory
    {
        public static string Name => "Mesh.Client.Discovery.Eureka.RegistrySnapshot";
    }

    public sealed class MeshStore : ILogCategory
    {
        public static string Name => "Mesh.Client.Discovery.MeshStore";
    }

    public sealed class NameWatch : ILogCategory
    {
        public static string Name => "Mesh.Client.Discovery.NameWatch";
    }

    public sealed class Service : ILogCategory
    {
        public static string Name => "Mesh.Client.Discovery.Service";
    }

    public sealed class ServiceDirectory : ILogCategory
    {
        public static string Name => "Mesh.Client.Discovery.ServiceDirectory";
    }

    public sealed class InboundMiddleware : ILogCategory
    {
        public static string Name => "Mesh.Client.Inbound.InboundMiddleware";
    }

    public sealed class MeshLifecycle : ILogCategory
    {
        public static string Name => "Mesh.Client.Lifecycle.MeshLifecycle";
    }

    public sealed class ReadinessGate : ILogCategory
    {
        public static string Name => "Mesh.Client.Lifecycle.ReadinessGate";
    }

    public sealed class CircuitBreakerFactory : ILogCategory
    {
        public static string Name => "Mesh.Client.Resilience.CircuitBreakerFactory";
    }

    public sealed class EndpointGuard : ILogCategory
    {
        public static string Name => "Mesh.Client.Security.EndpointGuard";
    }

    public sealed class SecurityDowngrades : ILogCategory
    {
        public static string Name => "Mesh.Client.Security.LoweredSecurity";
    }
}
