using Mesh.Client.Limits;
using Mesh.Client.Outbound.OutlierDetection;
using Mesh.Client.Outbound.Resilience;
using Mesh.Client.Outbound.Services;

namespace Mesh.Client.Tests;

/// <summary>The state of a service with one route to all of it.</summary>
internal static class ServiceState
{
    extension(Service service)
    {
        public ILoadBalancer Balancer => service.Subsets[0].Balancer;

        public CircuitBreaker Breaker => service.Subsets[0].Breaker;

        public RetryBudget Budget => service.Subsets[0].Budget;

        public LearnedTimeout LearnedTimeout => service.Routes[0].Learned;

        public OutlierDetector Outliers => service.Endpoints.Outliers;

        public DrainingEndpoints Draining => service.Endpoints.Draining;

        public void Publish(string source, IReadOnlyList<EndpointDescription> endpoints) =>
            service.Endpoints.Publish(source, MeshSourceRank.Registry, endpoints);
    }
}
