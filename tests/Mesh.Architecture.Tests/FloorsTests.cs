namespace Mesh.Architecture.Tests;

/// <summary>The table itself.</summary>
public sealed class FloorsTests
{
    [Theory]
    [InlineData("Outbound/Calls/Call.cs", "Outbound/Endpoints/Endpoint.cs", true)]
    [InlineData("Outbound/Endpoints/Endpoint.cs", "Outbound/Calls/Call.cs", false)]
    [InlineData("Outbound/Calls/Call.cs", "Outbound/Calls/Lease.cs", true)]
    [InlineData("Eureka/Wire/EurekaJson.cs", "Model/EndpointDescription.cs", true)]
    [InlineData("Model/EndpointDescription.cs", "Eureka/Wire/EurekaJson.cs", false)]
    public void Allows_only_lower_floors(string from, string to, bool allowed) => Assert.Equal(allowed, Floors.Allows(from, to));

    [Theory]
    [InlineData("Eureka/Wire/EurekaJson.cs", "Eureka")]
    [InlineData("Security/Tokens/TokenRequest.cs", "Security/Tokens")]
    [InlineData("Security/Elsewhere.cs", null)]
    [InlineData("Elsewhere.cs", null)]
    public void FloorOf_is_the_nearest_folder_of_the_table(string path, string? floor) => Assert.Equal(floor, Floors.FloorOf(path));
}
