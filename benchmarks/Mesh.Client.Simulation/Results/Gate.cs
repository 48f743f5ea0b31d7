namespace Mesh.Client.Simulation.Results;

/// <summary>What a policy has to reach.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Title">What it is about.</param>
/// <param name="Variant">Of which form of the policy it is asked; empty for the product's defaults.</param>
/// <param name="Conditions">All have to hold.</param>
internal sealed record Gate(string Id, string Title, string Variant, params Condition[] Conditions);
