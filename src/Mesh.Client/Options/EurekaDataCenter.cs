namespace Mesh.Client.Options;

/// <summary>The data centres that the protocol of Eureka knows.</summary>
public enum EurekaDataCenter
{
    /// <summary>Any data centre.</summary>
    MyOwn,

    /// <summary>Amazon's. For other instances, <c>availability-zone</c> in its metadata is the instance's zone unless the registration's
    /// metadata has one.</summary>
    Amazon,

    /// <summary>Netflix's own.</summary>
    Netflix,
}
